"""The Secrets of a vault: referred to by its spec, or generated once in their place."""

from dataclasses import dataclass

from medvault_operator.api.v1alpha1 import broker, cache, database, keys, storage, whatsapp
from medvault_operator.api.v1alpha1.shape import SecretReference
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.components import Component, child_name
from medvault_operator.world import World

PASSWORD = "password"  # noqa: S105
BROKER_SETTINGS = "credentials.conf"
CACHE_SETTINGS = "valkey.conf"


@dataclass(frozen=True, slots=True)
class Credential:
    """A Secret and the keys it needs.

    `field` is the part of the spec that asks for it. One that is generated is made before
    `user`, an object of the vault by kind and name, is made for the first time.
    """

    name: str
    field: str
    keys: tuple[str, ...]
    user: tuple[str, str] | None = None

    @property
    def generated(self) -> bool:
        """Whether the operator makes it."""
        return self.user is not None

    def lost(self, world: World) -> bool:
        """Tell whether it was made and is gone: another one would not open what is kept."""
        return self.name not in world.secrets and self.user in world.children


def needed(vault: MedicalVault) -> tuple[Credential, ...]:
    """Return every Secret that the vault needs."""
    found = (
        Credential(vault.spec.whatsapp.secret_ref.name, "whatsapp", whatsapp.SECRET_KEYS),
        of_keys(vault),
        of_database(vault),
        of_broker(vault),
        of_cache(vault),
        of_storage(vault),
    )
    return tuple(credential for credential in found if credential)


def of_keys(vault: MedicalVault) -> Credential:
    """Return where key ring and index key are."""
    if given := vault.spec.keys:
        return Credential(given.secret_ref.name, "keys", keys.SECRET_KEYS)
    user = ("Deployment", child_name(vault, Component.API))
    return Credential(f"{vault.name}-keys", "keys", keys.SECRET_KEYS, user)


def of_database(vault: MedicalVault) -> Credential:
    """Return where the database's URLs are."""
    external = vault.spec.database.external
    given = external.secret_ref if external else None
    return _credential(vault, Component.DATABASE, given, database.SECRET_KEYS, PASSWORD)


def of_broker(vault: MedicalVault) -> Credential:
    """Return where the broker's URL is."""
    external = vault.spec.broker.external
    given = external.secret_ref if external else None
    return _credential(vault, Component.BROKER, given, broker.SECRET_KEYS, BROKER_SETTINGS)


def of_cache(vault: MedicalVault) -> Credential | None:
    """Return where the cache's URL is; none without a cache."""
    if vault.spec.cache is None:
        return None
    external = vault.spec.cache.external
    given = external.secret_ref if external else None
    return _credential(vault, Component.CACHE, given, cache.SECRET_KEYS, CACHE_SETTINGS)


def of_storage(vault: MedicalVault) -> Credential | None:
    """Return where the store's keys are; none where the cloud gives pods an identity."""
    external = vault.spec.storage.external
    if external and external.secret_ref is None:
        return None
    given = external.secret_ref if external else None
    return _credential(vault, Component.STORAGE, given, storage.SECRET_KEYS)


def _credential(
    vault: MedicalVault,
    component: Component,
    reference: SecretReference | None,
    keys: tuple[str, ...],
    *servers: str,
) -> Credential:
    """Return what is referred to, or what is generated: that has the server's own keys too."""
    if reference:
        return Credential(reference.name, f"{component}.external", keys)
    name = child_name(vault, component)
    return Credential(name, f"{component}.managed", (*keys, *servers), ("StatefulSet", name))
