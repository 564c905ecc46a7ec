"""Where sealed files rest, and who looks into them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from medvault.domain.media import FileKind, Verdict


class ObjectStore(Protocol):
    """Holds sealed files under keys such as `incoming/<uuid>`. Blocking, streaming, thread-safe."""

    def put(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Store exactly `size` bytes, durable on return; nothing is visible if `chunks` raises.

        Raises `Transient` if `chunks` has another length, `Unavailable` if the store is away.
        """
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
        """List the keys that start with `prefix`, in order."""
        ...

    def check(self) -> None:
        """Raise `Unavailable` if the store does not answer."""
        ...


MayTakeLong = Callable[[], bool]
"""Asked once a scan takes long: whether it may."""


def always() -> bool:
    """Let it take as long as it takes."""
    return True


class Scanner(Protocol):
    """Looks for what is known to be harmful; told the bytes by somebody who does not parse them."""

    def scan(self, chunks: Iterable[bytes], may_take_long: MayTakeLong = always) -> Verdict:
        """Judge a file: `CLEAN`, `INFECTED`, or `UNSCANNABLE` where it could not look inside.

        Raises `Unavailable` when there is no verdict, `Transient` when it failed at this file,
        `ScanOverran` when it took too long, `PutOff` when it takes long and may not.
        """
        ...


class Examiner(Protocol):
    """Looks into a file from outside this process: structure first, then the virus scanner."""

    def examine(
        self,
        chunks: Iterable[bytes],
        kind: FileKind,
        may_take_long: MayTakeLong = always,
        keep: "Keep | None" = None,
    ) -> Verdict:
        """Judge a file; raises `Unavailable` while the scanner can't be asked.

        A copy of a PDF that acts, without the parts that act, is judged too, and goes to `keep`.
        Raises `OutOfTime` where machine or scanner may have been too busy for it, and `PutOff`
        where its scan takes long and may not.
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
class Disarmed:
    """A copy of a PDF without what acted in it: its size in bytes, and what was `removed`."""

    removed: Verdict
    size: int
    chunks: Iterator[bytes]


Keep = Callable[[Disarmed], None]


@dataclass(frozen=True, slots=True)
class Returned:
    """A file on its way back; its kind is not its report's where it was made from that.

    `smaller` tells that a picture has half its width and height in it.
    """

    kind: FileKind
    size: int
    chunks: Iterator[bytes]
    smaller: bool = False
