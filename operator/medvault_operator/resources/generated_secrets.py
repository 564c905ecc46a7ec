"""Secrets that the operator makes once and never changes: credentials and keys."""

from base64 import b64encode
from collections.abc import Callable, Mapping

from medvault_operator.api.v1alpha1 import broker, cache, database, keys, storage
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources import broker as broker_server
from medvault_operator.resources import database as database_server
from medvault_operator.resources import generated_logins
from medvault_operator.resources.generated_logins import RandomBytes, password
from medvault_operator.resources.intake_key import intake_key
from medvault_operator.resources.objects import unowned
from medvault_operator.vault.addresses import endpoint
from medvault_operator.vault.components import Component, managed
from medvault_operator.vault.credentials import (
    BROKER_SETTINGS,
    CACHE_SETTINGS,
    PASSWORD,
    Credential,
    needed,
    of_broker,
    of_intake,
    of_keys,
    of_logins,
)
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

Values = Mapping[str, str]
"""What is in a Secret, decoded."""
_KEY_BYTES = 32


def sources(vault: MedicalVault, world: World) -> list[str]:
    """Return the Secrets that are there and whose values others, which are missing, are made of."""
    made_of = {
        credential.name: source.name
        for credential, source in (
            (of_intake(vault), of_keys(vault)),
            (of_logins(vault, Component.BROKER), of_broker(vault)),
        )
        if credential
    }
    return [
        source
        for name, source in made_of.items()
        if name not in world.secrets and source in world.secrets
    ]


def missing(
    vault: MedicalVault,
    world: World,
    random_bytes: RandomBytes,
    known: Mapping[str, Values] | None = None,
) -> list[Manifest]:
    """Return the generated Secrets that do not exist yet, to be created and never applied.

    They have no owner: who deletes a vault keeps its data and what opens them. One that is lost is
    not made anew. What is made of another one, as it was read from the cluster, is made of `known`,
    the values of `sources`: what two of us make at once, one of us has not made.
    """
    absent = [
        one
        for one in needed(vault)
        if one.generated and one.name not in world.secrets and not one.lost(world)
    ]
    contents = {one: _content(vault, one, random_bytes, known or {}) for one in absent}
    return [_secret(vault, one, content) for one, content in contents.items() if content]


def _secret(vault: MedicalVault, credential: Credential, content: Values) -> Manifest:
    component = next((one for one in managed(vault) if credential.field == f"{one}.managed"), None)
    return unowned(
        "Secret",
        vault,
        component,
        name=credential.name,
        type="Opaque",
        stringData=content,
    )


def _content(
    vault: MedicalVault,
    credential: Credential,
    random_bytes: RandomBytes,
    found: Mapping[str, Values],
) -> Values | None:
    """Return what is in a Secret; none where what it is made of is not there."""
    if credential == of_keys(vault):
        return _keys(random_bytes)
    if credential == of_intake(vault):
        ring = found.get(of_keys(vault).name)
        return intake_key(ring[keys.RING]) if ring else None
    component = next(one for one in managed(vault) if credential.field == f"{one}.managed")
    if credential != of_logins(vault, component):
        return _CREDENTIALS[component](vault, random_bytes)
    if component is Component.BROKER:
        shared = found.get(of_broker(vault).name)
        return generated_logins.broker(vault, random_bytes, shared[broker.URL]) if shared else None
    return generated_logins.MADE[component](vault, random_bytes)


def _keys(random_bytes: RandomBytes) -> Values:
    ring, index = (b64encode(random_bytes(_KEY_BYTES)).decode() for _ in range(2))
    return {keys.RING: f"k1:{ring}\n", keys.INDEX_KEY: f"{index}\n"}


def _database(vault: MedicalVault, random_bytes: RandomBytes) -> Values:
    owner, login = password(random_bytes), password(random_bytes)
    place = f"{endpoint(vault, Component.DATABASE)}/{database_server.NAME}"
    return {
        database.URL: f"postgresql://{database_server.LOGIN}:{login}@{place}",
        database.OWNER_URL: f"postgresql://{database_server.OWNER}:{owner}@{place}",
        PASSWORD: owner,
    }


def _broker(vault: MedicalVault, random_bytes: RandomBytes) -> Values:
    user, word = broker_server.LOGIN, password(random_bytes)
    return {
        broker.URL: f"amqp://{user}:{word}@{endpoint(vault, Component.BROKER)}/%2F",
        BROKER_SETTINGS: f"default_user = {user}\ndefault_pass = {word}\n",
    }


def _cache(vault: MedicalVault, random_bytes: RandomBytes) -> Values:
    word = password(random_bytes)
    return {
        cache.URL: f"redis://:{word}@{endpoint(vault, Component.CACHE)}/0",
        CACHE_SETTINGS: f"requirepass {word}\n",
    }


def _storage(vault: MedicalVault, random_bytes: RandomBytes) -> Values:  # noqa: ARG001
    return {
        storage.ACCESS_KEY: password(random_bytes),
        storage.SECRET_KEY: password(random_bytes),
    }


_CREDENTIALS: Mapping[Component, Callable[[MedicalVault, RandomBytes], Values]] = {
    Component.DATABASE: _database,
    Component.BROKER: _broker,
    Component.CACHE: _cache,
    Component.STORAGE: _storage,
}
