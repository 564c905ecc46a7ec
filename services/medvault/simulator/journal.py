"""The journal, which survives a restart: an append-only file of sealed records."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_LENGTH = struct.Struct(">I")
_NONCE = 12


class UnreadableJournal(Exception):
    """The journal was altered, or sealed with another key."""


class Journal:
    """Records in order, each bound to its place, so that none can be moved or taken out.

    A record is handed to the operating system before `append` returns: it outlives a killed
    process, not a power failure. A last record cut off by a kill is dropped when read.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._cipher = AESGCM(key)
        self._count = 0
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("ab+", buffering=0)

    def records(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every (kind, record) so far; read it to the end before appending.

        Raises:
            UnreadableJournal: a whole record doesn't open.
        """
        whole = 0
        with self._path.open("rb") as file:
            while len(header := file.read(_LENGTH.size)) == _LENGTH.size:
                sealed = file.read(_LENGTH.unpack(header)[0])
                if len(sealed) < _LENGTH.unpack(header)[0]:
                    break
                kind, record = self._open(sealed)
                self._count += 1
                whole = file.tell()
                yield kind, record
        self._file.truncate(whole)

    def append(self, kind: str, record: dict[str, Any]) -> None:
        """Write one record."""
        nonce = os.urandom(_NONCE)
        plain = orjson.dumps([kind, record])
        sealed = nonce + self._cipher.encrypt(nonce, plain, str(self._count).encode())
        self._file.write(_LENGTH.pack(len(sealed)) + sealed)
        self._count += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _open(self, sealed: bytes) -> tuple[str, dict[str, Any]]:
        place = str(self._count).encode()
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
        except InvalidTag:
            message = "the journal doesn't open with this key: give its key, or another journal"
            raise UnreadableJournal(message) from None
        kind, record = orjson.loads(plain)
        return kind, record
