"""The Secrets of a vault: referred to by its spec, or generated once in their place.

What is one process' own is optional in the former. The latter have it in Secrets beside the first:
vaults are older than it, and the operator changes no Secret.
"""

from dataclasses import dataclass, replace

from medvault_operator.api.v1alpha1 import broker, cache, database, keys, logins, storage, whatsapp
from medvault_operator.api.v1alpha1.shape import SecretReference
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.components import Component, child_name, managed
from medvault_operator.world.world import World

PASSWORD = "password"  # noqa: S105
BROKER_SETTINGS = "credentials.conf"
CACHE_SETTINGS = "valkey.conf"
DEFINITIONS = "definitions.json"
"""The broker's users and what each may do."""
USERS = "users.json"
"""The store's users but for its root."""


SHARED_URL = "url"
"""The login of all processes, to database and broker alike."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A Secret and the keys it needs.

    `field` is the part of the spec that asks for it. One that is `generated` is made by the
    operator; that with a `user`, an object of the vault by kind and name, before that one is made
    for the first time, and others whenever they are missing. The login of all processes is spared
    where each has its `own`.
    """

    name: str
    field: str
    keys: tuple[str, ...]
    generated: bool = False
    user: tuple[str, str] | None = None
    own: tuple[str, ...] = ()

    def lost(self, world: World) -> bool:
        """Tell whether it was made and is gone: another one would not open what is kept."""
        return self.name not in world.secrets and self.user in world.children

    def lacking(self, present: frozenset[str]) -> list[str]:
        """Return the keys that it needs besides those that are present."""
        spared = {SHARED_URL} if self.own and present.issuperset(self.own) else set()
        return [key for key in self.keys if key not in present and key not in spared]


def needed(vault: MedicalVault) -> tuple[Credential, ...]:
    """Return every Secret that the vault needs."""
    found = (
        Credential(vault.spec.whatsapp.secret_ref.name, "whatsapp", whatsapp.SECRET_KEYS),
        of_keys(vault),
        of_database(vault),
        of_broker(vault),
        of_cache(vault),
        of_storage(vault),
        *(of_logins(vault, component) for component in _WITH_LOGINS),
        of_intake(vault),
    )
    return tuple(credential for credential in found if credential)


def of_logins(vault: MedicalVault, component: Component) -> Credential | None:
    """Return what is generated for each process of database, broker or store, where it is managed.

    It may be made anew: `medvault migrate` and the servers take what it says.
    """
    if component not in _WITH_LOGINS or component not in managed(vault):
        return None
    name = f"{child_name(vault, component)}-logins"
    return Credential(name, f"{component}.managed", _WITH_LOGINS[component], generated=True)


def of_intake(vault: MedicalVault) -> Credential | None:
    """Return where the API's public key is made from the ring, where the ring is generated."""
    if vault.spec.keys:
        return None
    return Credential(f"{vault.name}-intake", "keys", (logins.INTAKE_KEY,), generated=True)


def own_place(vault: MedicalVault, component: Component) -> str | None:
    """Return the Secret in which processes' own logins of database, broker or store may be."""
    shared = {
        Component.DATABASE: of_database,
        Component.BROKER: of_broker,
        Component.STORAGE: of_storage,
    }[component](vault)
    found = of_logins(vault, component) or shared
    return found.name if found else None


def intake_place(vault: MedicalVault) -> str:
    """Return the Secret in which the API's public key may be."""
    return (of_intake(vault) or of_keys(vault)).name


def of_keys(vault: MedicalVault) -> Credential:
    """Return where key ring and index key are."""
    if given := vault.spec.keys:
        return Credential(given.secret_ref.name, "keys", keys.SECRET_KEYS)
    user = ("Deployment", child_name(vault, Component.API))
    return Credential(f"{vault.name}-keys", "keys", keys.SECRET_KEYS, True, user)


def of_database(vault: MedicalVault) -> Credential:
    """Return where the database's URLs are."""
    external = vault.spec.database.external
    given = external.secret_ref if external else None
    found = _credential(vault, Component.DATABASE, given, database.SECRET_KEYS, PASSWORD)
    return found if found.generated else replace(found, own=logins.URLS)


def of_broker(vault: MedicalVault) -> Credential:
    """Return where the broker's URL is."""
    external = vault.spec.broker.external
    given = external.secret_ref if external else None
    found = _credential(vault, Component.BROKER, given, broker.SECRET_KEYS, BROKER_SETTINGS)
    return found if found.generated else replace(found, own=logins.URLS)


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
    user = ("StatefulSet", name)
    return Credential(name, f"{component}.managed", (*keys, *servers), True, user)


_WITH_LOGINS = {
    Component.DATABASE: logins.URLS,
    Component.BROKER: (*logins.URLS, DEFINITIONS),
    Component.STORAGE: (*logins.STORE_KEYS, USERS),
}
