"""Examines and converts files from outside this process."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from typing_extensions import override

from medvault.adapters.sandbox import spool, wire
from medvault.adapters.sandbox.child import Child, Exhausted, Perished
from medvault.adapters.sandbox.limits import MAX_COPY, Limits
from medvault.adapters.sandbox.spool import TooLarge
from medvault.adapters.sandbox.wire import Say
from medvault.domain.errors import Permanent
from medvault.domain.media import (
    ACTING,
    MAX_BYTES,
    SNIFF_BYTES,
    FileKind,
    Verdict,
    returnable,
    sniff,
)
from medvault.ports import Disarmed, Examiner, Keep, MayTakeLong, Returned, Scanner, always

_MADE = (Say.SIZE, Say.SMALLER)


class SandboxExaminer(Examiner):
    """An `Examiner` that starts a child for every file, boxed in and without secrets.

    A child says what it has against a file, never that the file is clean: the bytes that it was
    given go to the scanner from here, and then what the child says that a PDF's streams decode to.
    Without a scanner what is sound comes out as `NOT_SCANNED`.
    """

    def __init__(self, scanner: Scanner | None, limits: Limits | None = None) -> None:
        self._scanner = scanner
        self._limits = limits or Limits()

    @override
    def examine(
        self,
        chunks: Iterable[bytes],
        kind: FileKind,
        may_take_long: MayTakeLong = always,
        keep: Keep | None = None,
    ) -> Verdict:
        """Judge a file; one that makes its child crash or run into a limit is `UNSCANNABLE`.

        If a PDF acts, and there is a `keep`, a copy without what acts is judged as well, and `keep`
        is given the copy where both pass. Otherwise the verdict says what acts. A file that takes
        more CPU than its size grants is `TOO_SLOW`.

        Raises `Unavailable` while the scanner or a child can't be had, `OutOfTime` where the child
        took too long by the clock, `Transient` where the scanner failed at this file or somebody
        killed the child; exceptions of `chunks`, the scanner and `keep` pass through.
        """
        try:
            with spool.fill(chunks) as file:
                return self._judged(file, kind, may_take_long, keep)
        except TooLarge:
            return Verdict.TOO_LARGE

    @override
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
                    say, value = child.answer(self._wall(file))
                    size = _size(say, value)
                    smaller = say is Say.SMALLER
                    yield Returned(FileKind.PDF, size, child.content(size), smaller)
        except (Perished, TooLarge, ValueError) as error:
            raise Permanent("a picture can't be made a PDF") from error

    def _child(
        self, task: wire.Task, kind: FileKind, file: BinaryIO, copy: BinaryIO | None = None
    ) -> Child:
        limits = self._limits.of(spool.size(file))
        return Child([task, kind, *limits.arguments()], file, limits.cpu, copy)

    def _judged(
        self, file: BinaryIO, kind: FileKind, may_take_long: MayTakeLong, keep: Keep | None
    ) -> Verdict:
        head = next(spool.pieces(file, SNIFF_BYTES), b"")
        if not head:
            return Verdict.EMPTY
        if sniff(head) is not kind:
            return Verdict.WRONG_KIND
        # Structure first: a file that explodes does not get as far as the scanner.
        with spool.create() as copy:
            objection = self._objection(file, kind, copy)
            if objection is None:
                return self._scanned(file, copy, may_take_long)
            if keep is None or objection not in ACTING:
                return objection
            with contextlib.ExitStack() as stack:
                disarmed = self._disarmed(file, stack)
                if disarmed is None:
                    return objection
                verdict = self._scanned(file, copy, may_take_long)
                if not verdict.accepted:
                    return verdict
                return self._kept(disarmed, objection, may_take_long, keep)

    def _disarmed(self, file: BinaryIO, stack: contextlib.ExitStack) -> BinaryIO | None:
        """A copy of a PDF without what acts; None where there can't be one."""
        try:
            with self._child(wire.Task.DISARM, FileKind.PDF, file) as child:
                size = _size(*child.answer(self._wall(file)))
                return stack.enter_context(spool.fill(child.content(size)))
        except (Perished, TooLarge, ValueError):
            return None

    def _kept(
        self, disarmed: BinaryIO, removed: Verdict, may_take_long: MayTakeLong, keep: Keep
    ) -> Verdict:
        """Judge the copy as strictly as any file, for its child may have been led astray."""
        with spool.create() as copy:
            if self._objection(disarmed, FileKind.PDF, copy) is not None:
                return removed
            verdict = self._scanned(disarmed, copy, may_take_long)
        if verdict.accepted:
            keep(Disarmed(removed, spool.size(disarmed), spool.pieces(disarmed)))
        return verdict

    def _scanned(self, file: BinaryIO, copy: BinaryIO, may_take_long: MayTakeLong) -> Verdict:
        """Scan a file and its decoded copy; the child that wrote it is gone and can't change it."""
        if self._scanner is None:
            return Verdict.NOT_SCANNED
        verdict = self._scanner.scan(spool.pieces(file), may_take_long)
        size = spool.size(copy)
        if verdict is not Verdict.CLEAN or not size:
            return verdict
        if size > MAX_COPY:
            return Verdict.UNSCANNABLE
        return self._scanner.scan(spool.pieces(copy), may_take_long)

    def _objection(self, file: BinaryIO, kind: FileKind, copy: BinaryIO) -> Verdict | None:
        """Return its children's objection to a file; a picture's way back, if any, is tried."""
        try:
            if kind is FileKind.PDF:
                return _against(*self._asked(file, kind, copy if self._scanner else None))
            if self._may_come(file, kind):
                say, value = self._asked(file, kind)
                if say is not Say.SOUND:
                    return _against(say, value)
            return _against(*self._asked(file, kind, task=wire.Task.CONVERT))
        except Exhausted:
            return Verdict.TOO_SLOW
        except (Perished, ValueError):
            return Verdict.UNSCANNABLE

    def _wall(self, file: BinaryIO) -> float:
        return self._limits.of(spool.size(file)).wall

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
            return child.answer(self._wall(file))


def _against(say: Say, value: str) -> Verdict | None:
    if say is Say.OBJECTION:
        return wire.objection(value)
    if say in _MADE:
        _size(say, value)
    return None


def _size(say: Say, value: str) -> int:
    """The size of a PDF; raises ValueError for another answer, or one that is too large."""
    size = wire.number(value) if say in _MADE else MAX_BYTES + 1
    if size > MAX_BYTES:
        raise ValueError("no PDF that can be given back")
    return size
