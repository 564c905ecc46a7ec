"""The Secrets of a vault: referred to by its spec, or generated once in their place.

Keys that are one process' own are optional in the former. The latter have them in Secrets beside
the first: vaults are older than these keys, and the operator changes no Secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from medvault_operator.api.v1alpha1 import (
    broker,
    cache,
    database,
    keys,
    logins,
    storage,
    whatsapp,
)
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

    `field` is the part of the spec that asks for it, `component` the server that it lets in to, if
    it does. The operator makes one that is `generated`: with a `user`, an object of the vault by
    kind and name, only before that object is made for the first time, and else whenever the Secret
    is missing. `source` names the Secret of whose values it is made. The login of all processes is
    spared where each has its `own`.
    """

    name: str
    field: str
    keys: tuple[str, ...]
    component: Component | None = None
    generated: bool = False
    user: tuple[str, str] | None = None
    source: str | None = None
    own: tuple[str, ...] = ()

    def lost(self, world: World) -> bool:
        """Tell whether it was made and is gone: another one would not open what is kept."""
        return self.name not in world.secrets and self.user in world.children

    def lacking(self, present: frozenset[str]) -> list[str]:
        """Return the keys that it needs besides those that are present."""
        spared = {SHARED_URL} if self.own and present.issuperset(self.own) else set()
        return [key for key in self.keys if key not in present and key not in spared]


@dataclass(frozen=True, slots=True)
class Credentials:
    """All Secrets of a vault, each by what it is for.

    `servers` have the login that processes share, and keys that the server itself reads; without an
    entry the vault has no such server, or the cloud lets its pods in. `logins` have what is
    generated for each process of database, broker or store: they may be made again, since `medvault
    migrate` and the servers take over their content. `intake` is generated of the ring.
    """

    whatsapp: Credential
    keys: Credential
    intake: Credential | None
    servers: Mapping[Component, Credential]
    logins: Mapping[Component, Credential]

    @classmethod
    def of(cls, vault: MedicalVault) -> "Credentials":
        """Derive them from a vault's spec."""
        ring = _keys(vault)
        servers = dict(_servers(vault))
        return cls(
            whatsapp=Credential(
                vault.spec.whatsapp.secret_ref.name, "whatsapp", whatsapp.SECRET_KEYS
            ),
            keys=ring,
            intake=_intake(vault, ring) if ring.generated else None,
            servers=servers,
            logins={
                component: _logins(vault, component, servers[component])
                for component in _WITH_LOGINS
                if component in managed(vault)
            },
        )

    @property
    def needed(self) -> tuple[Credential, ...]:
        """Every Secret that the vault needs."""
        intake = (self.intake,) if self.intake else ()
        return (self.whatsapp, self.keys, *intake, *self.servers.values(), *self.logins.values())

    def own_place(self, component: Component) -> str | None:
        """Return the Secret in which processes' own logins of database, broker or store may be."""
        found = self.logins.get(component) or self.servers.get(component)
        return found.name if found else None

    @property
    def intake_place(self) -> str:
        """The Secret in which the API's public key may be."""
        return (self.intake or self.keys).name


def _keys(vault: MedicalVault) -> Credential:
    if given := vault.spec.keys:
        return Credential(given.secret_ref.name, "keys", keys.SECRET_KEYS)
    user = ("Deployment", child_name(vault, Component.API))
    return Credential(f"{vault.name}-keys", "keys", keys.SECRET_KEYS, generated=True, user=user)


def _intake(vault: MedicalVault, ring: Credential) -> Credential:
    keys_of_it = (logins.INTAKE_KEY,)
    name = f"{vault.name}-intake"
    return Credential(name, "keys", keys_of_it, generated=True, source=ring.name)


def _logins(vault: MedicalVault, component: Component, shared: Credential) -> Credential:
    return Credential(
        f"{child_name(vault, component)}-logins",
        f"{component}.managed",
        _WITH_LOGINS[component],
        component,
        generated=True,
        source=shared.name if component is Component.BROKER else None,
    )


def _servers(vault: MedicalVault) -> Mapping[Component, Credential]:
    spec = vault.spec
    given = {
        Component.DATABASE: spec.database.external and spec.database.external.secret_ref,
        Component.BROKER: spec.broker.external and spec.broker.external.secret_ref,
        Component.CACHE: spec.cache and spec.cache.external and spec.cache.external.secret_ref,
        Component.STORAGE: spec.storage.external and spec.storage.external.secret_ref,
    }
    return {
        component: _referred(component, reference) if reference else _made(vault, component)
        for component, reference in given.items()
        if reference or component in managed(vault)
    }


def _referred(component: Component, reference: SecretReference) -> Credential:
    """Return what somebody else provides."""
    found = Credential(reference.name, f"{component}.external", _SHARED[component], component)
    return replace(found, own=logins.URLS) if component in _WITH_OWN_URLS else found


def _made(vault: MedicalVault, component: Component) -> Credential:
    """Return what the operator generates: it has the server's own keys too."""
    name = child_name(vault, component)
    return Credential(
        name,
        f"{component}.managed",
        (*_SHARED[component], *_OF_THE_SERVER.get(component, ())),
        component,
        generated=True,
        user=("StatefulSet", name),
    )


_SHARED = {
    Component.DATABASE: database.SECRET_KEYS,
    Component.BROKER: broker.SECRET_KEYS,
    Component.CACHE: cache.SECRET_KEYS,
    Component.STORAGE: storage.SECRET_KEYS,
}
_OF_THE_SERVER = {
    Component.DATABASE: (PASSWORD,),
    Component.BROKER: (BROKER_SETTINGS,),
    Component.CACHE: (CACHE_SETTINGS,),
}
_WITH_OWN_URLS = (Component.DATABASE, Component.BROKER)
_WITH_LOGINS = {
    Component.DATABASE: logins.URLS,
    Component.BROKER: (*logins.URLS, DEFINITIONS),
    Component.STORAGE: (*logins.STORE_KEYS, USERS),
}
