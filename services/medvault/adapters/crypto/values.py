"""Small values: AES-256-GCM under subkeys, so that counting nonces never wear a key out."""

import os
import secrets
import weakref
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from medvault.adapters.crypto import header
from medvault.adapters.crypto.keyring import KEY_BYTES, KeyRing
from medvault.domain.errors import Permanent

COUNTER_BYTES = 4
"""A subkey seals 2^32 values, then there is no nonce left."""

REMEMBERED_SUBKEYS = 1024

_INFO = b"medvault value v1"
_PADDING = bytes(12 - COUNTER_BYTES)


class _Subkey(NamedTuple):
    header: bytes
    cipher: AESGCM
    counter: Iterator[int]


class ValueSealer:
    """Fulfils `Sealer`; thread-safe.

    Random nonces would wear one key out after 2^32 values (NIST SP 800-38D §8.3), which is weeks
    at full load. So every process derives a subkey of its own (HKDF-SHA256, RFC 5869, with a
    random salt of 16 bytes) and counts its nonces: header, 4 bytes of counter, ciphertext, tag.
    A fork begins a new subkey. A clone of a running machine's memory would repeat nonces.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._subkey: _Subkey | None = None
        self._cipher = lru_cache(maxsize=REMEMBERED_SUBKEYS)(self._derive)
        _SEALERS.add(self)

    def seal(self, plaintext: bytes, bound_to: bytes) -> bytes:
        """Encrypt under the current key; adds 38 bytes and the length of the key's id."""
        start, cipher, counter = self._subkey or self._renew()
        try:
            number = next(counter).to_bytes(COUNTER_BYTES, "big")
        except OverflowError:
            self._renew()
            return self.seal(plaintext, bound_to)
        start += number
        return start + cipher.encrypt(_PADDING + number, plaintext, start + bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Decrypt; raises `Permanent` when the bytes, their key or `bound_to` don't fit."""
        end = header.length(sealed) if len(sealed) > 1 else 0
        body = end + COUNTER_BYTES
        cipher = self._cipher(sealed[:end])
        try:
            return cipher.decrypt(
                _PADDING + sealed[end:body], sealed[body:], sealed[:body] + bound_to
            )
        except (InvalidTag, ValueError):
            message = "a sealed value was damaged, or belongs elsewhere"
            raise Permanent(message) from None

    def renew(self) -> None:
        """Seal the next value under a new subkey."""
        self._subkey = None

    def _renew(self) -> _Subkey:
        salt = secrets.token_bytes(header.VALUE_SALT)
        start = header.pack(header.VALUE_FORMAT, self._ring.current, salt)
        self._subkey = subkey = _Subkey(start, self._derive(start), count())
        return subkey

    def _derive(self, start: bytes) -> AESGCM:
        key_id, salt = header.unpack(start, header.VALUE_FORMAT)
        return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, _INFO).derive(self._ring.master(key_id)))


_SEALERS: "weakref.WeakSet[ValueSealer]" = weakref.WeakSet()


def _renew_all() -> None:
    for sealer in _SEALERS:
        sealer.renew()


os.register_at_fork(after_in_child=_renew_all)
