"""Examines and converts files from outside this process."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from medvault.adapters.sandbox import spool, wire
from medvault.adapters.sandbox.child import Child, Exhausted, Perished
from medvault.adapters.sandbox.limits import MAX_COPY, Limits
from medvault.adapters.sandbox.spool import TooLarge
from medvault.adapters.sandbox.wire import Say
from medvault.domain.errors import Permanent
from medvault.domain.media import MAX_BYTES, SNIFF_BYTES, FileKind, Verdict, sniff
from medvault.ports import Converted, MayTakeLong, Scanner, always


class SandboxExaminer:
    """An `Examiner` that starts a child for every file, boxed in and without secrets.

    A child says what it has against a file, never that the file is clean: the bytes that it was
    given go to the scanner from here, and then what the child says that a PDF's streams decode to.
    Without a scanner what is sound comes out as `NOT_SCANNED`.
    """

    def __init__(self, scanner: Scanner | None, limits: Limits | None = None) -> None:
        self._scanner = scanner
        self._limits = limits or Limits()

    def examine(
        self, chunks: Iterable[bytes], kind: FileKind, may_take_long: MayTakeLong = always
    ) -> Verdict:
        """Judge a file; one that makes its child crash or run into a limit is `UNSCANNABLE`.

        One that takes more CPU than its size grants is `TOO_SLOW`.

        Raises `Unavailable` while the scanner or a child can't be had, `OutOfTime` where the child
        took too long by the clock, `Transient` where the scanner failed at this file or somebody
        killed the child; what `chunks` and the scanner raise passes through.
        """
        try:
            with spool.fill(chunks) as file:
                return self._judged(file, kind, may_take_long)
        except TooLarge:
            return Verdict.TOO_LARGE

    @contextlib.contextmanager
    def to_pdf(self, chunks: Iterable[bytes], kind: FileKind) -> Iterator[Converted]:
        """Make a PDF of a picture, of at most `MAX_BYTES`.

        Raises `Permanent` if it can't be made, else as `examine`.
        """
        try:
            with (
                spool.fill(chunks) as file,
                self._child(wire.Task.CONVERT, kind, file) as child,
            ):
                size = self._size(child, file)
                if size > MAX_BYTES:
                    raise Permanent("the PDF of a picture is too large")
                yield Converted(size, child.content(size))
        except (Perished, TooLarge) as error:
            raise Permanent("a picture can't be made a PDF") from error

    def _child(
        self, task: wire.Task, kind: FileKind, file: BinaryIO, copy: BinaryIO | None = None
    ) -> Child:
        limits = self._limits.of(spool.size(file))
        return Child([task, kind, *limits.arguments()], file, limits.cpu, copy)

    def _judged(self, file: BinaryIO, kind: FileKind, may_take_long: MayTakeLong) -> Verdict:
        head = next(spool.pieces(file, SNIFF_BYTES), b"")
        if not head:
            return Verdict.EMPTY
        if sniff(head) is not kind:
            return Verdict.WRONG_KIND
        # Structure first: what explodes or acts does not get as far as the scanner.
        scanner = self._scanner
        if scanner is None:
            return self._objection(file, kind, None) or Verdict.NOT_SCANNED
        with spool.create() as copy:
            objection = self._objection(file, kind, copy if kind is FileKind.PDF else None)
            return objection or self._scanned(
                file, copy, lambda chunks: scanner.scan(chunks, may_take_long)
            )

    def _scanned(
        self, file: BinaryIO, copy: BinaryIO, scan: Callable[[Iterable[bytes]], Verdict]
    ) -> Verdict:
        """Scan a file and its decoded copy; who wrote that is gone, and can change it no more."""
        verdict = scan(spool.pieces(file))
        size = spool.size(copy)
        if verdict is not Verdict.CLEAN or not size:
            return verdict
        return scan(spool.pieces(copy)) if size <= MAX_COPY else Verdict.UNSCANNABLE

    def _objection(self, file: BinaryIO, kind: FileKind, copy: BinaryIO | None) -> Verdict | None:
        try:
            with self._child(wire.Task.CHECK, kind, file, copy) as child:
                match child.answer(self._wall(file)):
                    case Say.SOUND, _:
                        return None
                    case Say.OBJECTION, value:
                        return wire.objection(value)
        except Exhausted:
            return Verdict.TOO_SLOW
        except (Perished, ValueError):
            pass
        return Verdict.UNSCANNABLE

    def _wall(self, file: BinaryIO) -> float:
        return self._limits.of(spool.size(file)).wall

    def _size(self, child: Child, file: BinaryIO) -> int:
        say, value = child.answer(self._wall(file))
        try:
            if say is Say.SIZE:
                return wire.number(value)
        except ValueError as error:
            raise Perished from error
        raise Perished
