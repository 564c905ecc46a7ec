"""Sealing small values: AES-256-GCM under subkeys, so that counting wears no key out."""

import os
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from typing_extensions import override

from medvault.adapters.crypto.header import Format
from medvault.domain.place import Place
from medvault.ports import OneWaySealer

NONCE_BYTES, COUNTER_BYTES = 12, 4
"""A subkey seals 2^32 values, then its counter has run out."""


class Subkey(NamedTuple):
    """The means to seal values: their format, the header of all, cipher and counter."""

    form: Format
    header: bytes
    cipher: AESGCM
    counter: Iterator[int]

    @classmethod
    def begin(cls, form: Format, header: bytes, secret: bytes) -> Self:
        """Count from 0."""
        return cls(form, header, AESGCM(secret), count())


class SubkeySealer(ABC, OneWaySealer):
    """Fulfils `OneWaySealer`; thread-safe.

    Random nonces would wear one key out after 2^32 values (NIST SP 800-38D §8.3), which is weeks
    at full load. So every process derives a subkey of its own and counts: header, nonce (8 random
    bytes, 4 of counter), ciphertext, tag. The random bytes keep clones of a running machine's
    memory apart. A fork begins a new subkey. Format 1 has the counter alone.
    """

    def __init__(self) -> None:
        self._subkey: Subkey | None = None
        _SEALERS.add(self)

    @override
    def seal(self, plaintext: bytes, place: Place) -> bytes:
        """Encrypt under the current key; adds 94 bytes and the length of the key's id."""
        form, start, cipher, counter = self._subkey or self._renewed()
        try:
            number = next(counter).to_bytes(COUNTER_BYTES, "big")
        except OverflowError:
            self.renew()
            return self.seal(plaintext, place)
        nonce = os.urandom(form.random) + number
        start += nonce
        bound = start + form.binding(place)
        return start + cipher.encrypt(nonce.rjust(NONCE_BYTES, b"\0"), plaintext, bound)

    def renew(self) -> None:
        """Seal the next value under a new subkey."""
        self._subkey = None

    def _renewed(self) -> Subkey:
        self._subkey = subkey = self._fresh()
        return subkey

    @abstractmethod
    def _fresh(self) -> Subkey:
        """Make a subkey."""


_SEALERS: "weakref.WeakSet[SubkeySealer]" = weakref.WeakSet()


def _renew_all() -> None:
    for sealer in _SEALERS:
        sealer.renew()


os.register_at_fork(after_in_child=_renew_all)
