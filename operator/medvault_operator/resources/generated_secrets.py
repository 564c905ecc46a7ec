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
from medvault_operator.vault.components import Component
from medvault_operator.vault.credentials import (
    BROKER_SETTINGS,
    CACHE_SETTINGS,
    PASSWORD,
    Credential,
    Credentials,
)
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

Values = Mapping[str, str]
"""The content of a Secret, decoded."""
_KEY_BYTES = 32


def sources(credentials: Credentials, world: World) -> list[str]:
    """Return the Secrets that are there and whose values others, which are missing, are made of."""
    return [
        one.source
        for one in credentials.needed
        if one.source and one.name not in world.secrets and one.source in world.secrets
    ]


def missing(
    vault: MedicalVault,
    credentials: Credentials,
    world: World,
    random_bytes: RandomBytes,
    known: Mapping[str, Values] | None = None,
) -> list[Manifest]:
    """Return the generated Secrets that do not exist yet, to be created and never applied.

    They have no owner, so that a deleted vault leaves its data and the Secrets that open them. One
    that is lost is not made again. One that is made of another is made of `known`, the values of
    `sources` as the cluster has them: if two replicas make one at once, it has that of one only.
    """
    absent = [
        one
        for one in credentials.needed
        if one.generated and one.name not in world.secrets and not one.lost(world)
    ]
    contents = {one: _content(vault, credentials, one, random_bytes, known or {}) for one in absent}
    return [_secret(vault, one, content) for one, content in contents.items() if content]


def _secret(vault: MedicalVault, credential: Credential, content: Values) -> Manifest:
    return unowned(
        "Secret",
        vault,
        credential.component,
        name=credential.name,
        type="Opaque",
        stringData=content,
    )


def _content(
    vault: MedicalVault,
    credentials: Credentials,
    credential: Credential,
    random_bytes: RandomBytes,
    known: Mapping[str, Values],
) -> Values | None:
    """Return what is in a Secret; none where what it is made of is not there."""
    source = known.get(credential.source) if credential.source else None
    if credential is credentials.intake:
        return intake_key(source[keys.RING]) if source else None
    component = credential.component
    if component is None:
        return _keys(random_bytes)
    if credential is credentials.servers.get(component):
        return _CREDENTIALS[component](vault, random_bytes)
    if component is Component.BROKER:
        return generated_logins.broker(vault, random_bytes, source[broker.URL]) if source else None
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
