"""Small values, for whoever has the key ring."""

import secrets
from functools import lru_cache, partial
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from typing_extensions import override

from medvault.adapters.crypto import header, intake_key
from medvault.adapters.crypto.header import INTAKE, VALUES, Format
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.crypto.subkeys import COUNTER_BYTES, NONCE_BYTES, Subkey, SubkeySealer
from medvault.domain.errors import Misplaced, Permanent
from medvault.domain.place import Place
from medvault.ports import Sealer

REMEMBERED_SUBKEYS = 1024


class _Opener(NamedTuple):
    form: Format
    cipher: AESGCM
    by_intake: bool


class ValueSealer(SubkeySealer, Sealer):
    """Fulfils `Sealer`; thread-safe. Values under the intake's public key open at its places only.

    Anybody who has that key can seal, but vouches for nothing that medvault itself wrote.
    """

    def __init__(self, ring: KeyRing, form: Format = VALUES[-1]) -> None:
        super().__init__()
        self._ring = ring
        self._form = form
        self._opener = lru_cache(maxsize=REMEMBERED_SUBKEYS)(partial(_derived, ring))

    @override
    def open(self, sealed: bytes, place: Place) -> bytes:
        """Decrypt; raises `Permanent` when the bytes, their key or their place don't fit."""
        end = header.length(sealed) if len(sealed) > 1 else 0
        form, cipher, by_intake = self._opener(sealed[:end])
        if by_intake and not place.from_outside:
            message = "sealed by the API in a place that is not the API's"
            raise Misplaced(message)
        body = end + form.random + COUNTER_BYTES
        nonce = sealed[end:body].rjust(NONCE_BYTES, b"\0")
        try:
            return cipher.decrypt(nonce, sealed[body:], sealed[:body] + form.binding(place))
        except (InvalidTag, ValueError):
            message = "a sealed value was damaged, or belongs elsewhere"
            raise Misplaced(message) from None

    def write(self, form: Format) -> None:
        """Seal in this format from now on; all are opened."""
        self._form = form
        self.renew()

    def _fresh(self) -> Subkey:
        start = header.begin(self._form, self._ring.current, secrets.token_bytes(self._form.salt))
        secret, commitment = header.derive(start, self._ring.master(self._ring.current))
        return Subkey.begin(self._form, start + commitment, secret)


def _derived(ring: KeyRing, start: bytes) -> _Opener:
    form = header.format_of(start)
    if form not in VALUES or len(start) != header.length(start):
        message = "not a sealed value, or damaged: its header can't be read"
        raise Permanent(message)
    key_id = header.key_id_of(start)
    by_intake = key_id.startswith(INTAKE)
    if by_intake:
        master, _, context = intake_key.agreed(ring, key_id, header.salt_of(start))
    else:
        master, context = ring.master(key_id), b""
    secret, commitment = header.derive(start, master, context)
    header.require_commitment(start, commitment)
    return _Opener(form, AESGCM(secret), by_intake)
