"""Exceptions without their words: messages and local variables may hold content."""

from traceback import walk_tb
from types import TracebackType

_DEPTH = 8
_FRAMES = 30


def describe(error: BaseException) -> list[str]:
    """Return class names and frames (`file:line function`), the error first, then its causes."""
    lines: list[str] = []
    _add(error, lines, "", _DEPTH)
    return lines


def _add(error: BaseException, lines: list[str], relation: str, depth: int) -> None:
    lines.append(relation + _class_name(error))
    lines.extend(_frames(error.__traceback__))
    if depth == 0:
        return
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            _add(member, lines, "holding ", depth - 1)
    if error.__cause__ is not None:
        _add(error.__cause__, lines, "caused by ", depth - 1)
    elif error.__context__ is not None and not error.__suppress_context__:
        _add(error.__context__, lines, "while handling ", depth - 1)


def _class_name(error: BaseException) -> str:
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


def _frames(trace: TracebackType | None) -> list[str]:
    frames = [
        f"{short_path(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(trace)
    ]
    return frames[-_FRAMES:]


def short_path(path: str) -> str:
    """Keep the last three parts of a source file's path."""
    return "/".join(path.replace("\\", "/").split("/")[-3:])
