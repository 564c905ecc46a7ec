"""Examines and converts files from outside this process."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from medvault.adapters.sandbox import spool, wire
from medvault.adapters.sandbox.child import Child, Perished
from medvault.adapters.sandbox.limits import MAX_COPY, Limits
from medvault.adapters.sandbox.spool import TooLarge
from medvault.adapters.sandbox.wire import Say
from medvault.domain.errors import Permanent
from medvault.domain.media import MAX_BYTES, SNIFF_BYTES, FileKind, Verdict, returnable, sniff
from medvault.ports import Returned, Scanner


class SandboxExaminer:
    """An `Examiner` that starts a child for every file, boxed in and without secrets.

    A child says what it has against a file, never that the file is clean: the bytes that it was
    given go to the scanner from here, and then what the child says that a PDF's streams decode to.
    Without a scanner what is sound comes out as `NOT_SCANNED`.
    """

    def __init__(self, scanner: Scanner | None, limits: Limits | None = None) -> None:
        self._scanner = scanner
        self._limits = limits or Limits()
        self._bounds = self._limits.arguments()

    def examine(self, chunks: Iterable[bytes], kind: FileKind) -> Verdict:
        """Judge a file; one that makes its child crash or run into a limit is `UNSCANNABLE`.

        Raises `Unavailable` while the scanner or a child can't be had, `OutOfTime` where the child
        took too long by the clock, `Transient` where the scanner failed at this file or somebody
        killed the child; what `chunks` raises passes through.
        """
        try:
            with spool.fill(chunks) as file:
                return self._judged(file, kind)
        except TooLarge:
            return Verdict.TOO_LARGE

    @contextlib.contextmanager
    def give_back(self, chunks: Iterable[bytes], kind: FileKind) -> Iterator[Returned]:
        """Open a picture as it came, or a PDF made from it, of at most `MAX_BYTES`.

        Raises `Permanent` if it can't be made, else as `examine`.
        """
        try:
            with spool.fill(chunks) as file:
                if self._may_come(file, kind) and self._asked(file, kind)[0] is Say.AS_IT_CAME:
                    yield Returned(kind, spool.size(file), spool.pieces(file))
                    return
                with self._child(wire.Task.CONVERT, kind, file) as child:
                    size = _size(*child.answer(self._limits.wall))
                    yield Returned(FileKind.PDF, size, child.content(size))
        except (Perished, TooLarge, ValueError) as error:
            raise Permanent("a picture can't be made a PDF") from error

    def _child(
        self, task: wire.Task, kind: FileKind, file: BinaryIO, copy: BinaryIO | None = None
    ) -> Child:
        return Child([task, kind, *self._bounds], file, self._limits.cpu, copy)

    def _judged(self, file: BinaryIO, kind: FileKind) -> Verdict:
        head = next(spool.pieces(file, SNIFF_BYTES), b"")
        if not head:
            return Verdict.EMPTY
        if sniff(head) is not kind:
            return Verdict.WRONG_KIND
        # Structure first: what explodes or acts does not get as far as the scanner.
        if self._scanner is None:
            return self._objection(file, kind, None) or Verdict.NOT_SCANNED
        with spool.create() as copy:
            objection = self._objection(file, kind, copy if kind is FileKind.PDF else None)
            return objection or self._scanned(file, copy, self._scanner)

    def _scanned(self, file: BinaryIO, copy: BinaryIO, scanner: Scanner) -> Verdict:
        """Scan a file and its decoded copy; who wrote that is gone, and can change it no more."""
        verdict = scanner.scan(spool.pieces(file))
        size = spool.size(copy)
        if verdict is not Verdict.CLEAN or not size:
            return verdict
        return scanner.scan(spool.pieces(copy)) if size <= MAX_COPY else Verdict.UNSCANNABLE

    def _objection(self, file: BinaryIO, kind: FileKind, copy: BinaryIO | None) -> Verdict | None:
        """What its children say against a file; a picture's way back is tried, if it takes one."""
        try:
            if kind is FileKind.PDF:
                return _against(*self._asked(file, kind, copy))
            if self._may_come(file, kind):
                say, value = self._asked(file, kind)
                if say is not Say.SOUND:
                    return _against(say, value)
            return _against(*self._asked(file, kind, task=wire.Task.CONVERT))
        except (Perished, ValueError):
            return Verdict.UNSCANNABLE

    def _may_come(self, file: BinaryIO, kind: FileKind) -> bool:
        return returnable(kind, spool.size(file))

    def _asked(
        self,
        file: BinaryIO,
        kind: FileKind,
        copy: BinaryIO | None = None,
        task: wire.Task = wire.Task.CHECK,
    ) -> tuple[Say, str]:
        with self._child(task, kind, file, copy) as child:
            return child.answer(self._limits.wall)


def _against(say: Say, value: str) -> Verdict | None:
    if say is Say.OBJECTION:
        return wire.objection(value)
    if say is Say.SIZE:
        _size(say, value)
    return None


def _size(say: Say, value: str) -> int:
    """The size of a PDF; raises ValueError for another answer, or one that is too large."""
    size = wire.number(value) if say is Say.SIZE else MAX_BYTES + 1
    if size > MAX_BYTES:
        raise ValueError("no PDF that can be given back")
    return size
