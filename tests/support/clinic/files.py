"""Files as the channel shows them, and verdicts as planned."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from medvault.domain.media import FileKind, Verdict
from medvault.ports import Disarmed, Download, Keep, MayTakeLong, Returned, always

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 600
COPY = b"%PDF-1.7\n" + bytes(range(255)) * 500


@dataclass
class Shelf:
    """Fulfils `MediaSource`: the same file under every handle; `announced` changes what is said."""

    content: bytes = PDF
    size: int | None = None
    sha256: bytes | None = None
    error: Exception | None = None
    during: Callable[[], object] = lambda: None
    fetched: list[str] = field(default_factory=list)
    uploaded: list[bytes] = field(default_factory=list)

    @contextmanager
    def fetch(self, handle: str) -> Iterator[Download]:
        """Streams the file; `during` happens halfway."""
        self.fetched.append(handle)
        if self.error is not None:
            raise self.error
        size = len(self.content) if self.size is None else self.size
        digest = self.sha256 or hashlib.sha256(self.content).digest()
        yield Download(size, digest, self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        half = len(self.content) // 2
        yield self.content[:half]
        self.during()
        yield self.content[half:]

    def upload(self, chunks: Iterable[bytes], size: int, kind: FileKind, filename: str) -> str:
        """Takes a file."""
        content = b"".join(chunks)
        assert len(content) == size
        assert kind is FileKind.PDF
        assert filename.endswith(".pdf")
        self.during()
        if self.error is not None:
            raise self.error
        self.uploaded.append(content)
        return f"handle{len(self.uploaded)}"

    def delete(self, handle: str) -> None:
        """Nothing is kept."""


@dataclass
class Judge:
    """Fulfils `Examiner`: reads a file to its end, then says or raises what is planned.

    A file of which something is `removed` leaves a `COPY`, if the caller keeps one.
    """

    verdict: Verdict = Verdict.CLEAN
    removed: Verdict | None = None
    error: Exception | None = None
    during: Callable[[], object] = lambda: None
    seen: list[bytes] = field(default_factory=list)

    def examine(
        self,
        chunks: Iterable[bytes],
        kind: FileKind,
        may_take_long: MayTakeLong = always,
        keep: Keep | None = None,
    ) -> Verdict:
        """Judges."""
        assert kind is FileKind.PDF
        del may_take_long
        self.seen.append(b"".join(chunks))
        self.during()
        if self.error is not None:
            raise self.error
        if self.removed is not None:
            if keep is None:
                return self.removed
            keep(Disarmed(self.removed, len(COPY), iter([COPY])))
        return self.verdict

    def give_back(
        self, chunks: Iterable[bytes], kind: FileKind
    ) -> AbstractContextManager[Returned]:
        """Nothing here is a picture."""
        raise AssertionError(f"no picture is expected, but {kind} of {type(chunks)}")
