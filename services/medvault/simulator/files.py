"""Files at rest, each sealed in frames with AES-GCM."""

import base64
import hashlib
import os
import secrets
import struct
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FRAME = 256 * 1024
_NONCE = 12
_LENGTH = struct.Struct(">I")


class SealedWriter:
    """Takes a file in pieces; beyond `longest` bytes it only counts."""

    def __init__(self, path: Path, cipher: AESGCM, longest: int) -> None:
        self.name = path.name
        self.size = 0
        self._path = path
        self._cipher = cipher
        self._longest = longest
        self._file = path.open("wb")
        self._pending = bytearray()
        self._frames = 0
        self._digest = hashlib.sha256()

    @property
    def too_large(self) -> bool:
        """Whether more than the allowed bytes came."""
        return self.size > self._longest

    @property
    def sha256(self) -> str:
        """Base64 of the digest of what was written."""
        return base64.b64encode(self._digest.digest()).decode()

    def write(self, data: bytes) -> None:
        """Seal another piece."""
        self.size += len(data)
        if self.too_large:
            return
        self._digest.update(data)
        self._pending += data
        while len(self._pending) >= _FRAME:
            self._seal(_FRAME)

    def close(self) -> None:
        """Seal the rest."""
        if self._pending:
            self._seal(len(self._pending))
        self._file.close()

    def discard(self) -> None:
        """Forget the file."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _seal(self, size: int) -> None:
        nonce = os.urandom(_NONCE)
        place = _place(self.name, self._frames)
        sealed = nonce + self._cipher.encrypt(nonce, bytes(self._pending[:size]), place)
        self._file.write(_LENGTH.pack(len(sealed)) + sealed)
        del self._pending[:size]
        self._frames += 1


class SealedFiles:
    """A folder of sealed files under random names."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._cipher = AESGCM(key)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def create(self, longest: int) -> SealedWriter:
        """A new file of at most `longest` bytes."""
        return SealedWriter(self._folder / secrets.token_hex(16), self._cipher, longest)

    def read(self, name: str) -> Iterator[bytes]:
        """The file in pieces of 256 KiB.

        Raises:
            cryptography.exceptions.InvalidTag: it was altered, or sealed with another key.
        """
        with (self._folder / name).open("rb") as file:
            frame = 0
            while header := file.read(_LENGTH.size):
                sealed = file.read(_LENGTH.unpack(header)[0])
                place = _place(name, frame)
                yield self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
                frame += 1

    def delete(self, name: str) -> None:
        """Remove the file if it is there."""
        (self._folder / name).unlink(missing_ok=True)


def _place(name: str, frame: int) -> bytes:
    return f"{name}:{frame}".encode()
