"""Blind indexes: a value is found by its keyed digest."""

import hmac
from typing import Self
from uuid import UUID

from medvault.adapters.crypto.keyring import decode_key


class HmacIndex:
    """Fulfils `BlindIndex` with HMAC-SHA256 (RFC 2104) under a key of 32 bytes, not of the ring.

    The kind goes in behind its length, so that no two pairs of kind and value read the same.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the key from base64; raises ValueError, which doesn't show it."""
        return cls(decode_key(text))

    def __call__(self, kind: str, value: str) -> UUID:
        """Return the first 128 bits of the digest."""
        name = kind.encode()
        message = len(name).to_bytes(2, "big") + name + value.encode()
        return UUID(bytes=hmac.digest(self._key, message, "sha256")[:16])
