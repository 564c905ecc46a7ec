"""The keyed digests by which the tables know what Meta names: BLAKE2b (RFC 7693), 128 bits."""

import base64
from collections.abc import Callable
from hashlib import blake2b
from uuid import UUID

Digest = Callable[[str, str], UUID]


def digests(index_key: str) -> Digest:
    """A function of kind and value; the kind goes in behind its length of two bytes."""
    key = base64.b64decode(index_key, validate=True)

    def digest(kind: str, value: str) -> UUID:
        name = kind.encode()
        said = len(name).to_bytes(2, "big") + name + value.encode()
        return UUID(bytes=blake2b(said, key=key, digest_size=16).digest())

    return digest
