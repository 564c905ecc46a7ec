"""The key ring: the master keys by id, of which the first seals and all open."""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from medvault.domain.errors import Permanent

KEY_BYTES = 32
KEY_ID = re.compile(r"[a-z0-9-]{1,16}")


def decode_key(text: str) -> bytes:
    """Read a key of 32 bytes from base64; the ValueError never shows what was read."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        message = f"not the base64 of {KEY_BYTES} bytes"
        raise ValueError(message)
    return key


def encode_key(key: bytes) -> str:
    """Write a key as base64, as `decode_key` reads it."""
    return base64.b64encode(key).decode()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys of 32 bytes. To rotate, put a new one first once every process can open it."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read lines `id:base64`, the current key first; `#` starts a comment.

        Raises ValueError, which names the line and never shows what is in it.
        """
        keys: dict[str, bytes] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            entry = line.partition("#")[0].strip()
            if entry:
                try:
                    key_id, key = parse_entry(entry)
                    _require_new(key_id, key, keys)
                except ValueError as error:
                    message = f"key ring, line {number}: {error}"
                    raise ValueError(message) from None
                keys[key_id] = key
        if not keys:
            message = "key ring: there is no key in it"
            raise ValueError(message)
        return cls(next(iter(keys)), keys)

    @classmethod
    def generate(cls) -> Self:
        """Make a ring of one random key, with a random id so that two rings don't mix."""
        key_id = f"k{secrets.token_hex(4)}"
        return cls(key_id, {key_id: secrets.token_bytes(KEY_BYTES)})

    def to_text(self) -> str:
        """Write the ring as `parse` reads it, secrets included."""
        ids = [self.current, *(key_id for key_id in self.keys if key_id != self.current)]
        return "".join(f"{key_id}:{encode_key(self.keys[key_id])}\n" for key_id in ids)

    def master(self, key_id: str) -> bytes:
        """Return a master key; raises `Permanent` if it isn't (or is no longer) in the ring."""
        try:
            return self.keys[key_id]
        except KeyError:
            message = f"sealed with key {key_id!r}, which is not in the key ring"
            raise Permanent(message) from None


def parse_entry(entry: str) -> tuple[str, bytes]:
    """Read `id:base64`; the ValueError never shows what was read."""
    key_id, colon, encoded = entry.partition(":")
    if not colon:
        message = "not of the form id:base64"
        raise ValueError(message)
    if not KEY_ID.fullmatch(key_id):
        message = "the id is not 1 to 16 characters of a-z, 0-9 and -"
        raise ValueError(message)
    return key_id, decode_key(encoded)


def _require_new(key_id: str, key: bytes, known: Mapping[str, bytes]) -> None:
    if key_id in known:
        message = "an earlier line has the same id"
        raise ValueError(message)
    if key in known.values():
        message = "an earlier line has the same key"
        raise ValueError(message)
