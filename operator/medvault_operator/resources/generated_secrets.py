"""Secrets that the operator makes once and never changes: credentials and keys."""

from base64 import b64encode
from collections.abc import Callable

from medvault_operator.api.v1alpha1 import broker, cache, database, keys, storage
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.components import Component, managed
from medvault_operator.credentials import (
    BROKER_SETTINGS,
    CACHE_SETTINGS,
    PASSWORD,
    Credential,
    needed,
    of_keys,
)
from medvault_operator.resources import broker as broker_server
from medvault_operator.resources import database as database_server
from medvault_operator.resources.addresses import endpoint
from medvault_operator.resources.objects import unowned
from medvault_operator.world import Manifest, World

RandomBytes = Callable[[int], bytes]
_KEY_BYTES = 32
_PASSWORD_BYTES = 24


def missing(vault: MedicalVault, world: World, random_bytes: RandomBytes) -> list[Manifest]:
    """Return the generated Secrets that do not exist yet, to be created and never applied.

    They have no owner: who deletes a vault keeps its data and what opens them. One that is lost
    is not made anew.
    """
    absent = [
        one
        for one in needed(vault)
        if one.generated and one.name not in world.secrets and not one.lost(world)
    ]
    return [_secret(vault, credential, random_bytes) for credential in absent]


def _secret(vault: MedicalVault, credential: Credential, random_bytes: RandomBytes) -> Manifest:
    if credential == of_keys(vault):
        return unowned(
            "Secret", vault, name=credential.name, type="Opaque", stringData=_keys(random_bytes)
        )
    component = next(one for one in managed(vault) if credential.name == f"{vault.name}-{one}")
    made = {
        Component.DATABASE: _database,
        Component.BROKER: _broker,
        Component.CACHE: _cache,
        Component.STORAGE: _storage,
    }[component](vault, random_bytes)
    return unowned("Secret", vault, component, type="Opaque", stringData=made)


def _keys(random_bytes: RandomBytes) -> dict[str, str]:
    ring, index = (b64encode(random_bytes(_KEY_BYTES)).decode() for _ in range(2))
    return {keys.RING: f"k1:{ring}\n", keys.INDEX_KEY: f"{index}\n"}


def _database(vault: MedicalVault, random_bytes: RandomBytes) -> dict[str, str]:
    owner, login = _password(random_bytes), _password(random_bytes)
    place = f"{endpoint(vault, Component.DATABASE)}/{database_server.NAME}"
    return {
        database.URL: f"postgresql://{database_server.LOGIN}:{login}@{place}",
        database.OWNER_URL: f"postgresql://{database_server.OWNER}:{owner}@{place}",
        PASSWORD: owner,
    }


def _broker(vault: MedicalVault, random_bytes: RandomBytes) -> dict[str, str]:
    user, password = broker_server.LOGIN, _password(random_bytes)
    return {
        broker.URL: f"amqp://{user}:{password}@{endpoint(vault, Component.BROKER)}/%2F",
        BROKER_SETTINGS: f"default_user = {user}\ndefault_pass = {password}\n",
    }


def _cache(vault: MedicalVault, random_bytes: RandomBytes) -> dict[str, str]:
    password = _password(random_bytes)
    return {
        cache.URL: f"redis://:{password}@{endpoint(vault, Component.CACHE)}/0",
        CACHE_SETTINGS: f"requirepass {password}\n",
    }


def _storage(vault: MedicalVault, random_bytes: RandomBytes) -> dict[str, str]:  # noqa: ARG001
    return {
        storage.ACCESS_KEY: _password(random_bytes),
        storage.SECRET_KEY: _password(random_bytes),
    }


def _password(random_bytes: RandomBytes) -> str:
    """Return what needs no escaping in a URL or a configuration file."""
    return random_bytes(_PASSWORD_BYTES).hex()
