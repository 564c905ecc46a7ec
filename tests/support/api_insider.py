"""Somebody who has taken over the API's process: tries whatever is in its memory on what is stored.

Run as a program with the API's environment; reads lines of a place and of what is sealed there, and
prints how many it could open, without and with a key ring.
"""

import base64
import binascii
import gc
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from medvault.adapters.crypto import header, intake_key
from medvault.adapters.crypto.files import SegmentSealer
from medvault.adapters.crypto.keyring import KEY_BYTES, KeyRing
from medvault.adapters.crypto.subkeys import COUNTER_BYTES
from medvault.adapters.crypto.values import ValueSealer
from medvault.adapters.local.broker import LocalBroker
from medvault.bootstrap.api import make_reception_over
from medvault.bootstrap.entrance import Entrance
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import VaultId
from medvault.domain.place import Place
from medvault.settings import Settings, load

Opens = Callable[[bytes, Place], object]
Sealed = tuple[bytes, Place]


def everything() -> list[Any]:
    """All objects of this process, those that the collector does not follow included."""
    found: dict[int, Any] = {}
    new = gc.get_objects()
    while new:
        found |= {id(one): one for one in new}
        reached = {id(one): one for one in gc.get_referents(*new)}
        new = [one for key, one in reached.items() if key not in found]
    return list(found.values())


def secrets_of(objects: list[Any]) -> set[bytes]:
    """All that may be a key: every 32 bytes, as they are or as base64, alone or behind an id."""
    found = {one for one in objects if type(one) is bytes and len(one) == KEY_BYTES}
    for one in objects:
        if type(one) is str and len(one) < 200:
            for line in one.split():
                with suppress(binascii.Error, ValueError):
                    found.add(base64.b64decode(line.rpartition(":")[2], validate=True))
    return {one for one in found if len(one) == KEY_BYTES}


def with_a_key(key: bytes) -> Opens:
    """Opens as a process would that has this key in its ring, whatever its id."""

    def attempt(sealed: bytes, place: Place) -> object:
        key_id = header.key_id_of(sealed).removeprefix(header.INTAKE)
        return opened_by(KeyRing(key_id, {key_id: key}), sealed, place)

    return attempt


def with_a_ring(ring: KeyRing) -> Opens:
    """Opens as a worker does."""
    return lambda sealed, place: opened_by(ring, sealed, place)


def opened_by(ring: KeyRing, sealed: bytes, place: Place) -> object:
    """A value or a file, in the clear."""
    if place.table == "files":
        return b"".join(SegmentSealer(ring).open([sealed], place))
    return ValueSealer(ring).open(sealed, place)


def with_a_scalar(private: bytes) -> Opens:
    """Opens by a private half, or one that a sender forgot to forget."""

    def attempt(sealed: bytes, place: Place) -> object:
        ring = KeyRing("k", {"k": bytes(KEY_BYTES)})
        agreed = X25519PrivateKey.from_private_bytes(private)
        kept, intake_key._private = intake_key._private, lambda *_: agreed
        try:
            return ValueSealer(ring).open(sealed, place)
        finally:
            intake_key._private = kept

    return attempt


def with_a_cipher(cipher: AESGCM) -> Opens:
    """Opens by a subkey that is left."""

    def attempt(sealed: bytes, place: Place) -> object:
        form, end = header.format_of(sealed), header.length(sealed)
        body = end + form.random + COUNTER_BYTES
        nonce = sealed[end:body].rjust(12, b"\0")
        return cipher.decrypt(nonce, sealed[body:], sealed[:body] + form.binding(place))

    return attempt


def ways(objects: list[Any]) -> Iterator[Opens]:
    """All ways to open something that these objects allow."""
    yield from (one.open for one in objects if type(one) is ValueSealer)
    yield from (with_a_ring(one) for one in objects if type(one) is KeyRing)
    yield from (with_a_cipher(one) for one in objects if type(one) is AESGCM)
    for secret in secrets_of(objects):
        yield with_a_key(secret)
        yield with_a_scalar(secret)


def opens(attempt: Opens, sealed: bytes, place: Place) -> bool:
    """Whether a way leads there."""
    try:
        attempt(sealed, place)
    except (Permanent, InvalidTag, ValueError):
        return False
    return True


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    """No broker is opened."""
    yield


def taken_over(settings: Settings, stored: Sequence[Sealed]) -> dict[str, object]:
    """Build the API, seal something as it does, and look around once that minute is over."""
    entrance, broker = Entrance(settings), LocalBroker()
    reception = make_reception_over(entrance, broker, broker, {}, nothing)
    own = entrance.sealer.seal(b"sealed by this process itself", Place.webhook())
    if (public := entrance.sealer._public) is not None:
        public._until = 0.0
        entrance.sealer.expire()
    tried = [*stored, (own, Place.webhook())]
    found = list(ways(everything()))
    opened = [any(opens(way, *one) for way in found) for one in tried]
    assert reception.intake
    return {"ways": len(found), "tried": len(opened), "opened": sum(opened)}


def main(control: str) -> None:
    """Try an API with these settings, then one that has the key ring too, from a file."""
    stored = [
        (bytes.fromhex(sealed), Place(table, column, UUID(row), VaultId(UUID(vault))))
        for table, column, row, vault, sealed in map(json.loads, sys.stdin)
    ]
    print(json.dumps(taken_over(load("api"), stored)))
    given = {"MEDVAULT_KEYS_FILE": control, "MEDVAULT_INTAKE_KEY": ""}
    print(json.dumps(taken_over(load("api", {**os.environ, **given}), stored)))


if __name__ == "__main__":
    main(*sys.argv[1:])
