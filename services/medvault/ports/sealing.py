"""Encryption and keyed digests."""

from collections.abc import Iterable, Iterator
from typing import Protocol
from uuid import UUID


class Sealer(Protocol):
    """Authenticated encryption of small values: content columns, broker messages, cache entries."""

    def seal(self, plaintext: bytes, bound_to: bytes) -> bytes:
        """Encrypt under the current key; the result names its key. Opens only with `bound_to`."""
        ...

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Decrypt; raises `Permanent` when the bytes, their key or `bound_to` don't fit."""
        ...


class FileSealer(Protocol):
    """Authenticated encryption of files of any size, in segments, never whole in memory."""

    def sealed_size(self, size: int) -> int:
        """Return how many bytes a file of `size` bytes takes once sealed."""
        ...

    def seal(self, chunks: Iterable[bytes], bound_to: bytes) -> Iterator[bytes]:
        """Encrypt a stream of chunks of any lengths."""
        ...

    def open(self, chunks: Iterable[bytes], bound_to: bytes) -> Iterator[bytes]:
        """Decrypt; nothing unauthenticated is given out, `Permanent` on truncation or change."""
        ...


class BlindIndex(Protocol):
    """Keyed digests that find a value without showing it."""

    def __call__(self, kind: str, value: str) -> UUID:
        """Return 128 bits of a keyed digest over kind and value."""
        ...
