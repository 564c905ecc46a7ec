"""Encryption and keyed digests."""

from collections.abc import Iterable, Iterator
from typing import Protocol
from uuid import UUID

from medvault.domain.place import Place


class OneWaySealer(Protocol):
    """Authenticated encryption of small values, by somebody who need not be able to open them."""

    def seal(self, plaintext: bytes, place: Place) -> bytes:
        """Encrypt under the current key; the result names its key. Opens only in its place."""
        ...


class Sealer(OneWaySealer, Protocol):
    """Authenticated encryption of small values: content columns, broker messages, cache entries."""

    def open(self, sealed: bytes, place: Place) -> bytes:
        """Decrypt; raises `Misplaced` if bytes or place don't fit, `Permanent` without key."""
        ...


class FileSealer(Protocol):
    """Authenticated encryption of files of any size, in segments, never whole in memory."""

    def sealed_size(self, size: int) -> int:
        """Return how many bytes a file of `size` bytes takes once sealed."""
        ...

    def seal(self, chunks: Iterable[bytes], place: Place) -> Iterator[bytes]:
        """Encrypt a stream of chunks of any lengths."""
        ...

    def open(self, chunks: Iterable[bytes], place: Place) -> Iterator[bytes]:
        """Decrypt; nothing unauthenticated is given out, `Permanent` on truncation or change."""
        ...


class BlindIndex(Protocol):
    """Keyed digests that find a value without showing it."""

    def __call__(self, kind: str, value: str) -> UUID:
        """Return 128 bits of a keyed digest over kind and value."""
        ...
