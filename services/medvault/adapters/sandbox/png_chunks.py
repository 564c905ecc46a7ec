"""The chunks of a PNG (RFC 2083 §3.2): notes beside the picture, whose damage harms nobody."""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

_SIGNATURE = 8
_FRAME = 12
_DEPTH, _INTERLACED = 24, 28
_NOTE = 0x20  # RFC 2083 §3.3: lower case tells that a picture shows without this chunk
MOST_NOTES = 32 * 1024 * 1024
"""Bytes that one note, such as a text or a colour profile, may unpack to."""


def depth(file: BinaryIO) -> int:
    """Bits of each channel."""
    return _header(file)[_DEPTH]


def interlaced(file: BinaryIO) -> bool:
    """Whether the rows come in passes."""
    return _header(file)[_INTERLACED] != 0


def _header(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(_INTERLACED + 1)


def without_damaged_notes(content: bytes) -> bytes | None:
    """Return the PNG without notes whose checksum is wrong; None where there are none."""
    chunks = list(_chunks(content))
    left = [chunk for chunk in chunks if not (chunk[4] & _NOTE and _damaged(chunk))]
    if len(left) == len(chunks):
        return None
    return content[:_SIGNATURE] + b"".join(left)


def _chunks(content: bytes) -> Iterator[bytes]:
    at = _SIGNATURE
    while at + _FRAME <= len(content):
        (length,) = struct.unpack_from("!I", content, at)
        end = at + _FRAME + length
        yield content[at:end]
        at = end


def _damaged(chunk: bytes) -> bool:
    return zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big")
