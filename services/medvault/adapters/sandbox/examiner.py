"""Examines and converts files from outside this process."""

import contextlib
from collections.abc import Iterable, Iterator

from medvault.adapters.sandbox import wire
from medvault.adapters.sandbox.child import Child, Perished, TooLarge
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.errors import Permanent, Transient, Unavailable
from medvault.domain.media import MAX_BYTES, FileKind, Verdict
from medvault.ports import Converted


class SandboxExaminer:
    """An `Examiner` that starts a child for every file, within limits and without secrets.

    Without a `scanner_address` (`tcp://host:port`, `unix:///path`) what is sound comes out as
    `NOT_SCANNED`. `scan_seconds` is how long clamd may take for a file.
    """

    def __init__(
        self, scanner_address: str | None, limits: Limits | None = None, scan_seconds: float = 60.0
    ) -> None:
        self._limits = limits or Limits()
        self._bounds = self._limits.arguments()
        self._scanner: list[str] = []
        self._check_seconds = self._limits.wall
        if scanner_address is not None:
            self._scanner = [f"--clamd={scanner_address}", f"--scan-seconds={scan_seconds}"]
            self._check_seconds += scan_seconds

    def examine(self, chunks: Iterable[bytes], kind: FileKind) -> Verdict:
        """Judge a file; one that makes its child crash or run into a limit is `UNSCANNABLE`.

        Raises `Unavailable` while clamd or a child can't be had, `Transient` where clamd failed
        at this file or somebody killed the child; what `chunks` raises passes through.
        """
        try:
            with Child([wire.Task.CHECK, kind, *self._bounds, *self._scanner]) as child:
                child.feed(chunks)
                answer = child.answer(self._check_seconds)
        except TooLarge:
            return Verdict.TOO_LARGE
        except Perished:
            return Verdict.UNSCANNABLE
        if answer.get(wire.FAILURE) == wire.Failure.SCANNER_AWAY:
            raise Unavailable("clamd")
        if wire.FAILURE in answer:
            raise Transient("clamd failed at a file")
        return Verdict(str(answer[wire.VERDICT]))

    @contextlib.contextmanager
    def to_pdf(self, chunks: Iterable[bytes], kind: FileKind) -> Iterator[Converted]:
        """Make a PDF of a picture, of at most `MAX_BYTES`.

        Raises `Permanent` if it can't be made, else as `examine`.
        """
        try:
            with Child([wire.Task.CONVERT, kind, *self._bounds]) as child:
                child.feed(chunks)
                size = int(child.answer(self._limits.wall)[wire.SIZE])
                if size > MAX_BYTES:
                    raise Permanent("the PDF of a picture is too large")
                yield Converted(size, child.content(size))
        except (Perished, TooLarge) as error:
            raise Permanent("a picture can't be made a PDF") from error
