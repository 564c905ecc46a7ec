"""The child that looks into one file: `python -m medvault.examine check application/pdf <file`.

Built from its own few parts, so that it starts fast and holds no setting and no secret.
"""

import argparse
import os
from collections.abc import Callable
from typing import BinaryIO

from medvault.adapters.sandbox import spool, wire
from medvault.adapters.sandbox.limits import HANDED_OVER, Limits, impose
from medvault.domain.errors import Transient, Unavailable
from medvault.domain.media import SNIFF_BYTES, FileKind, Verdict, sniff

CONNECT_SECONDS = 5.0
_PIECE = 256 * 1024
_STDIN, _STDOUT = 0, 1


def main() -> None:
    """Read a file from stdin, answer on stdout; whatever it raises is the file's doing."""
    options = _options()
    limits = Limits(**{name: getattr(options, name) for name in HANDED_OVER})
    impose(limits)
    # What can't be imported must fail before the file is received, lest the file be blamed.
    checking = options.task is wire.Task.CHECK
    work = _check(options, limits) if checking else _convert(options.kind)
    with spool.fill(_STDIN) as file:
        _say(wire.RECEIVED, spool.size(file))
        work(file)


def _check(options: argparse.Namespace, limits: Limits) -> Callable[[BinaryIO], None]:
    objection = _objection(options.kind, limits)
    scan = _scan(options.clamd, options.scan_seconds)

    def check(file: BinaryIO) -> None:
        head = file.read(SNIFF_BYTES)
        file.seek(0)
        if not head:
            _say(wire.VERDICT, Verdict.EMPTY)
        elif sniff(head) is not options.kind:
            _say(wire.VERDICT, Verdict.WRONG_KIND)
        elif (found := objection(file)) is not None:
            _say(wire.VERDICT, found)
        else:
            scan(file)

    return check


def _objection(kind: FileKind, limits: Limits) -> Callable[[BinaryIO], Verdict | None]:
    if kind is FileKind.PDF:
        from medvault.adapters.sandbox import structure

        return lambda file: structure.objection(file, limits)
    from medvault.adapters.sandbox import pictures

    return lambda file: pictures.objection(file, kind)


def _scan(address: str | None, seconds: float) -> Callable[[BinaryIO], None]:
    if address is None:
        return lambda _: _say(wire.VERDICT, Verdict.NOT_SCANNED)
    from medvault.adapters.clamav.scanner import ClamdScanner

    scanner = ClamdScanner(address, min(CONNECT_SECONDS, seconds), seconds)

    def scan(file: BinaryIO) -> None:
        file.seek(0)
        try:
            _say(wire.VERDICT, scanner.scan(iter(lambda: file.read(_PIECE), b"")))
        except Unavailable:
            _say(wire.FAILURE, wire.Failure.SCANNER_AWAY)
        except Transient:
            _say(wire.FAILURE, wire.Failure.SCANNER_FAILED)

    return scan


def _convert(kind: FileKind) -> Callable[[BinaryIO], None]:
    from medvault.adapters.sandbox.conversion import write_pdf

    def convert(file: BinaryIO) -> None:
        with spool.create() as pdf:
            write_pdf(file, kind, pdf)
            pdf.flush()
            _say(wire.SIZE, spool.size(pdf))
            spool.drain(pdf, _STDOUT)

    return convert


def _say(key: str, value: str | int) -> None:
    os.write(_STDOUT, wire.line(key, value))


def _options() -> argparse.Namespace:
    bounds = Limits()
    parser = argparse.ArgumentParser(prog="python -m medvault.examine")
    parser.add_argument("task", type=wire.Task, choices=list(wire.Task))
    parser.add_argument("kind", type=FileKind, choices=list(FileKind))
    parser.add_argument("--clamd", metavar="ADDRESS")
    parser.add_argument("--scan-seconds", type=float, default=60.0)
    for name in HANDED_OVER:
        parser.add_argument(f"--{name}", type=int, default=getattr(bounds, name))
    return parser.parse_args()


if __name__ == "__main__":
    main()
