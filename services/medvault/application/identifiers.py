"""Ids that sort by the time they were made (RFC 9562, UUID version 7)."""

import os
import secrets
import time
from struct import unpack
from threading import Lock
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM = (1 << 62) - 1
_AT_ONCE = 256


class UuidV7:
    """Makes UUIDs that ascend within a process: 48 bits of milliseconds, a counter, randomness.

    The randomness is drawn many at a time: each call to the system lets other threads go first.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0
        self._count = 0
        self._random: list[int] = []
        os.register_at_fork(after_in_child=self._random.clear)

    def __call__(self) -> UUID:
        """Return a new id."""
        with self._lock:
            now = time.time_ns() // 1_000_000
            if now <= self._last:
                self._count += 1
            else:
                self._last, self._count = now, secrets.randbits(10)
            if self._count > 0xFFF:
                self._last, self._count = self._last + 1, 0
            high = (self._last << 80) | _VERSION | (self._count << 64)
            if not self._random:
                self._random += unpack(f"{_AT_ONCE}Q", secrets.token_bytes(8 * _AT_ONCE))
            return UUID(int=high | _VARIANT | self._random.pop() & _RANDOM)
