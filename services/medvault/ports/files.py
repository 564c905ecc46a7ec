"""Where sealed files rest, and who looks into them."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from medvault.domain.media import FileKind, Verdict


class ObjectStore(Protocol):
    """Holds sealed files under keys such as `incoming/<uuid>`. Blocking, streaming, thread-safe."""

    def put(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Store exactly `size` bytes, durable on return; nothing is visible if `chunks` raises."""
        ...

    def get(self, key: str) -> AbstractContextManager[Iterator[bytes]]:
        """Open an object for streaming; raises `MissingObject`."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Copy within the store, replacing `target`; raises `MissingObject`."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; one that is gone already is no error."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """List the keys that start with `prefix`."""
        ...

    def check(self) -> None:
        """Raise `Unavailable` if the store does not answer."""
        ...


class Scanner(Protocol):
    """Looks for what is known to be harmful; told the bytes by somebody who does not parse them."""

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """Judge a file: `CLEAN`, `INFECTED`, or `UNSCANNABLE` where it could not look inside.

        Raises `Unavailable` when there is no verdict, `Transient` when it failed at this file.
        """
        ...


class Examiner(Protocol):
    """Looks into a file from outside this process: structure first, then the virus scanner."""

    def examine(self, chunks: Iterable[bytes], kind: FileKind) -> Verdict:
        """Judge a file; raises `Unavailable` while the scanner can't be asked.

        Raises `OutOfTime` where the machine may have been too busy for it.
        """
        ...

    def give_back(
        self, chunks: Iterable[bytes], kind: FileKind
    ) -> AbstractContextManager["Returned"]:
        """Open a picture as it came where Meta takes it, else a PDF of it; raises `Permanent`.

        A picture that `examine` has found sound can be given back: that was tried.
        """
        ...


@dataclass(frozen=True, slots=True)
class Returned:
    """A file on its way back; of another kind than its report where it was made from it."""

    kind: FileKind
    size: int
    chunks: Iterator[bytes]
