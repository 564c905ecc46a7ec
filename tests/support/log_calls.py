"""Every call that logs, found by its syntax, and the faults in how it is written."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

LEVELS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"}
BINDING = {"bind", "new", "try_unbind", "bind_contextvars", "bound_contextvars"}
UNMISTAKABLE = {"debug", "info", "warning", "critical"}
"""Methods that nothing but a logger has."""
LOGGERS = {"structlog.get_logger", "logging.getLogger"}
ALWAYS = {"exc_info"}
WORDY = {
    "args", "body", "caption", "detail", "details", "content", "filename", "message", "msg",
    "orig", "reply_text", "strerror", "text", "title",
}  # fmt: skip
"""Attributes that hold what somebody said, most of all those of exceptions."""


@dataclass(frozen=True, slots=True)
class LogCall:
    """A call, and what is wrong with it."""

    place: str
    faults: tuple[str, ...]


def log_calls(path: Path, fields: Collection[str], source: str | None = None) -> list[LogCall]:
    """All that a module logs; `fields` are those that may be named, `source` replaces the file's.

    Both styles are known: structlog's keywords, and the dictionary in `extra` of `logging`.
    """
    return list(_Module(path, fields, source or path.read_text("utf-8")).calls())


class _Module:
    def __init__(self, path: Path, fields: Collection[str], source: str) -> None:
        self._path = path
        self._fields = {*fields, *ALWAYS}
        self._tree = ast.parse(source)
        self._caught = {
            node.name for node in ast.walk(self._tree) if isinstance(node, ast.ExceptHandler)
        }
        self._loggers = set(LOGGERS)
        self._texts: set[str] = set()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Assign | ast.AnnAssign):
                self._know(node)

    def calls(self) -> Iterator[LogCall]:
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            logger, method = self._is_logger(node.func.value), node.func.attr
            if logger and method in LEVELS:
                yield self._call(node, [*self._event(node, method), *self._named(node)])
            elif logger and method in BINDING:
                yield self._call(node, [*self._named(node)])
            elif method in UNMISTAKABLE:
                yield self._call(node, ["logs by a logger that the walk does not know"])

    def _know(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if isinstance(node.value, ast.Call) and _name(node.value.func) in LOGGERS:
            self._loggers.update(_name(target) for target in targets)
        if node in self._tree.body and _is_text(node.value):
            self._texts.update(_name(target) for target in targets)

    def _is_logger(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            inner = node.func
            bound = isinstance(inner, ast.Attribute) and inner.attr in BINDING
            return _name(inner) in LOGGERS or (bound and self._is_logger(inner.value))  # type: ignore[attr-defined]
        return _name(node) in self._loggers or _name(node) == "structlog.contextvars"

    def _call(self, node: ast.Call, faults: list[str]) -> LogCall:
        return LogCall(f"{self._path}:{node.lineno}", tuple(faults))

    def _event(self, node: ast.Call, method: str) -> Iterator[str]:
        events = node.args[1:] if method == "log" else node.args
        if len(events) != 1:
            yield "gives arguments for the event's text"
        if not all(self._is_literal(event) for event in events):
            yield "has an event that is no literal"

    def _is_literal(self, node: ast.expr) -> bool:
        if isinstance(node, ast.IfExp):
            return self._is_literal(node.body) and self._is_literal(node.orelse)
        return _is_text(node) or _name(node) in self._texts

    def _named(self, node: ast.Call) -> Iterator[str]:
        for keyword in node.keywords:
            if keyword.arg == "extra":
                yield from self._extra(keyword.value)
            elif keyword.arg is None:
                yield "unpacks fields whose names nobody sees"
            else:
                yield from self._field(keyword.arg, keyword.value)

    def _extra(self, node: ast.expr) -> Iterator[str]:
        """The faults of an `extra`: dictionaries, and functions of the module that return one."""
        match node:
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield from self._field(key.value, value)
                    else:
                        yield "has a field whose name is no literal"
            case ast.BinOp(op=ast.BitOr()):
                yield from self._extra(node.left)
                yield from self._extra(node.right)
            case ast.Call(func=ast.Name(id=name)) if made := self._returned(name):
                yield from self._extra(made)
            case _:
                yield "has fields that can't be seen"

    def _returned(self, name: str) -> ast.expr | None:
        for node in self._tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                last = node.body[-1]
                return last.value if isinstance(last, ast.Return) else None
        return None

    def _field(self, name: str, value: ast.expr) -> Iterator[str]:
        if name not in self._fields:
            yield f"names the field {name}, which is not let through"
        if name not in ALWAYS and not self._is_plain(value, error=name == "error"):
            yield f"gives {name} a value that may hold words: {ast.unparse(value)}"

    def _is_plain(self, node: ast.expr, *, error: bool = False) -> bool:
        """Whether a value is a name, an attribute, a count, or an exception's class."""
        match node:
            case ast.Constant():
                return True
            case ast.Name(id=name):
                return error or name not in self._caught
            case ast.Attribute(attr=attribute):
                whole = isinstance(node.value, ast.Name) or self._is_plain(node.value)
                return attribute not in WORDY and whole
            case ast.IfExp():
                return self._is_plain(node.body) and self._is_plain(node.orelse)
            case ast.Subscript():
                return self._is_plain(node.value)
            case ast.Call(func=ast.Name(id="len" | "type" | "round" | "int" | "float")):
                return True
        return False


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _name(node: ast.expr | None) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_name(value)}.{name}"
    return ""
