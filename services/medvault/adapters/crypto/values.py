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

from medvault.adapters.crypto import header
from medvault.adapters.crypto.header import VALUES, Format
from medvault.adapters.crypto.keyring import KeyRing
from medvault.domain.errors import Misplaced, Permanent
from medvault.domain.place import Place

NONCE_BYTES, COUNTER_BYTES = 12, 4
"""A subkey seals 2^32 values, then its counter has run out."""

REMEMBERED_SUBKEYS = 1024


class _Subkey(NamedTuple):
    form: Format
    header: bytes
    cipher: AESGCM
    counter: Iterator[int]


class ValueSealer:
    """Fulfils `Sealer`; thread-safe.

    Random nonces would wear one key out after 2^32 values (NIST SP 800-38D §8.3), which is weeks
    at full load. So every process derives a subkey of its own and counts: header, nonce (8 random
    bytes, 4 of counter), ciphertext, tag. The random bytes keep clones of a running machine's
    memory apart. A fork begins a new subkey. Format 1 has the counter alone.
    """

    def __init__(self, ring: KeyRing, form: Format = VALUES[-1]) -> None:
        self._ring = ring
        self._form = form
        self._subkey: _Subkey | None = None
        self._cipher = lru_cache(maxsize=REMEMBERED_SUBKEYS)(self._derived)
        _SEALERS.add(self)

    def seal(self, plaintext: bytes, place: Place) -> bytes:
        """Encrypt under the current key; adds 94 bytes and the length of the key's id."""
        form, start, cipher, counter = self._subkey or self._renew()
        try:
            number = next(counter).to_bytes(COUNTER_BYTES, "big")
        except OverflowError:
            self._renew()
            return self.seal(plaintext, place)
        nonce = os.urandom(form.random) + number
        start += nonce
        bound = start + form.binding(place)
        return start + cipher.encrypt(nonce.rjust(NONCE_BYTES, b"\0"), plaintext, bound)

    def open(self, sealed: bytes, place: Place) -> bytes:
        """Decrypt; raises `Permanent` when the bytes, their key or their place don't fit."""
        end = header.length(sealed) if len(sealed) > 1 else 0
        form, cipher = self._cipher(sealed[:end])
        body = end + form.random + COUNTER_BYTES
        nonce = sealed[end:body].rjust(NONCE_BYTES, b"\0")
        try:
            return cipher.decrypt(nonce, sealed[body:], sealed[:body] + form.binding(place))
        except (InvalidTag, ValueError):
            message = "a sealed value was damaged, or belongs elsewhere"
            raise Misplaced(message) from None

    def renew(self) -> None:
        """Seal the next value under a new subkey."""
        self._subkey = None

    def write(self, form: Format) -> None:
        """Seal in this format from now on; all are opened."""
        self._form = form
        self.renew()

    def _renew(self) -> _Subkey:
        start = header.begin(self._form, self._ring.current, secrets.token_bytes(self._form.salt))
        secret, commitment = header.derive(start, self._ring.master(self._ring.current))
        self._subkey = subkey = _Subkey(self._form, start + commitment, AESGCM(secret), count())
        return subkey

    def _derived(self, start: bytes) -> tuple[Format, AESGCM]:
        form = header.format_of(start)
        if form not in VALUES or len(start) != header.length(start):
            message = "not a sealed value, or damaged: its header can't be read"
            raise Permanent(message)
        secret, commitment = header.derive(start, self._ring.master(header.key_id_of(start)))
        header.require_commitment(start, commitment)
        return form, AESGCM(secret)


_SEALERS: "weakref.WeakSet[ValueSealer]" = weakref.WeakSet()


def _renew_all() -> None:
    for sealer in _SEALERS:
        sealer.renew()


os.register_at_fork(after_in_child=_renew_all)
