"""Meta's announcement of a file, before it is fetched."""

import base64
from dataclasses import dataclass
from typing import Any

import orjson

from medvault.domain.errors import Transient

_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where a file is for the next five minutes, its size in bytes and its SHA-256 (raw)."""

    url: str
    size: int
    sha256: bytes | None


def read_announcement(answer: bytes) -> Announcement:
    """Read the answer to `GET /{media-id}`; raises `Transient` where it is none."""
    try:
        fields = orjson.loads(answer)
        url = fields["url"]
        if type(url) is not str:
            raise TypeError
        return Announcement(url, _size(fields["file_size"]), _digest(fields.get("sha256")))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise Transient("WhatsApp announced a file in an unknown form") from None


def read_handle(answer: bytes) -> str:
    """Read the answer to an upload; raises `Transient` where it names no handle."""
    try:
        handle = orjson.loads(answer)["id"]
    except (ValueError, LookupError, TypeError):
        handle = None
    if type(handle) is not str or not handle:
        raise Transient("WhatsApp gave no handle for an uploaded file")
    return handle


def _size(value: Any) -> int:
    # Meta's specification has it as a string, its servers answer a number.
    size = int(value)
    if size < 0 or type(value) not in (int, str):
        raise ValueError
    return size


def _digest(value: Any) -> bytes | None:
    if value is None:
        return None
    if len(value) == 2 * _DIGEST_BYTES:
        return bytes.fromhex(value)
    digest = base64.b64decode(value, validate=True)
    if len(digest) != _DIGEST_BYTES:
        raise ValueError
    return digest
