"""The child that looks into one file: `python -m medvault.examine check application/pdf <file`.

Built from its own few parts, so that it starts fast and holds no setting and no secret.
"""

import argparse
import os
from collections.abc import Callable
from typing import BinaryIO

from medvault.adapters.sandbox import box, spool, wire
from medvault.adapters.sandbox.limits import HANDED_OVER, Limits, impose
from medvault.adapters.sandbox.wire import Say
from medvault.domain.media import FileKind, Verdict

_STDIN, _STDOUT = 0, 1


def main() -> None:
    """Read the file on stdin, answer on stdout; an error once it is ready is the file's doing.

    Everything is imported and opened before the box is shut, and the file read only afterwards.
    """
    options = _options()
    limits = Limits(**{name: getattr(options, name) for name in HANDED_OVER})
    impose(limits)
    work = _work(options.task, options.kind, limits, options.copy)
    with os.fdopen(_STDIN, "rb") as file:
        box.shut()
        _say(Say.READY)
        work(file)


def _work(
    task: wire.Task, kind: FileKind, limits: Limits, copy: int | None
) -> Callable[[BinaryIO], None]:
    match task:
        case wire.Task.CHECK:
            return _check(kind, limits, copy)
        case wire.Task.CONVERT:
            return _convert(kind)
        case wire.Task.DISARM:
            return _disarm(limits)


def _check(kind: FileKind, limits: Limits, copy: int | None) -> Callable[[BinaryIO], None]:
    if kind is FileKind.PDF:
        return _check_pdf(limits, copy)
    from medvault.adapters.sandbox import pictures

    pictures.prepare(kind)

    def check(file: BinaryIO) -> None:
        try:
            came = pictures.as_it_came(file, kind)
        except pictures.REFUSED as error:
            _say(Say.OBJECTION, pictures.verdict(error))
        else:
            _say(Say.AS_IT_CAME if came else Say.SOUND)

    return check


def _check_pdf(limits: Limits, copy: int | None) -> Callable[[BinaryIO], None]:
    from medvault.adapters.sandbox import randomness, structure
    from medvault.adapters.sandbox.decoded import Archive

    randomness.open_source()
    archive = None if copy is None else Archive(os.fdopen(copy, "wb"))

    def check(file: BinaryIO) -> None:
        found = structure.objection(file, limits, archive)
        if found is None:
            _say(Say.SOUND)
        else:
            _say(Say.OBJECTION, found)

    return check


def _convert(kind: FileKind) -> Callable[[BinaryIO], None]:
    from medvault.adapters.sandbox import pictures
    from medvault.adapters.sandbox.conversion import write_pdf

    pictures.prepare(kind)

    def write(file: BinaryIO, pdf: BinaryIO) -> Verdict | Say:
        try:
            return Say.SMALLER if write_pdf(file, kind, pdf) else Say.SIZE
        except pictures.REFUSED as error:
            return pictures.verdict(error)

    return _made(write)


def _disarm(limits: Limits) -> Callable[[BinaryIO], None]:
    from medvault.adapters.sandbox import disarmed, randomness

    randomness.open_source()

    def write(file: BinaryIO, pdf: BinaryIO) -> Say:
        disarmed.write(file, limits, pdf)
        return Say.SIZE

    return _made(write)


def _made(write: Callable[[BinaryIO, BinaryIO], Verdict | Say]) -> Callable[[BinaryIO], None]:
    """Return a function that writes a PDF and sends it, or says why it does not."""
    pdf = spool.create()

    def make(file: BinaryIO) -> None:
        made = write(file, pdf)
        if isinstance(made, Verdict):
            _say(Say.OBJECTION, made)
            return
        pdf.flush()
        _say(made, spool.size(pdf))
        spool.drain(pdf, _STDOUT)

    return make


def _say(say: Say, value: str | int = "") -> None:
    os.write(_STDOUT, wire.line(say, value))


def _options() -> argparse.Namespace:
    bounds = Limits()
    parser = argparse.ArgumentParser(prog="python -m medvault.examine")
    parser.add_argument("task", type=wire.Task, choices=list(wire.Task))
    parser.add_argument("kind", type=FileKind, choices=list(FileKind))
    parser.add_argument("--copy", type=int)
    for name in HANDED_OVER:
        parser.add_argument(f"--{name}", type=int, default=getattr(bounds, name))
    return parser.parse_args()


if __name__ == "__main__":
    main()
