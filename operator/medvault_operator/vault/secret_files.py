"""Which key of which Secret each secret setting of a process comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medvault_operator.api.v1alpha1 import broker, cache, database, keys, logins, storage, whatsapp
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.credentials import Credentials
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.secrets import Secret


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A key of a Secret, which the process reads as a file."""

    secret: str
    key: str

    @property
    def path(self) -> str:
        """Where it is below the folder of secrets."""
        return f"{self.secret}/{self.key}"


Files = dict[str, SecretFile]
"""Secret settings of a process, and where each comes from."""


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """Where each secret setting of each process comes from.

    `shared` are those of all processes; settings that the vault has no use for are left out. `own`
    are those that would be a process' own, `granted` those of them that Secrets have. `migrate`
    gets the settings of all processes, to admit their logins and to try them.
    """

    shared: Files
    own: Mapping[Component, Files]
    granted: Mapping[Component, Files]
    migrate: Files

    @classmethod
    def of(
        cls, vault: MedicalVault, credentials: Credentials, secrets: Mapping[str, Secret]
    ) -> "SecretFiles":
        """Derive them from credentials and from the keys that Secrets have."""
        shared = _shared(credentials, secrets)
        own = {process: _own(credentials, process) for process in SERVICES}
        granted = {process: _existing(files, secrets) for process, files in own.items()}
        media = own[Component.MEDIA] if vault.spec.storage.managed else {}
        return cls(shared, own, granted, shared | _of_migrate(granted, media))

    @property
    def ring(self) -> SecretFile:
        """Where the key ring is."""
        return self.shared["keys"]

    def of_process(self, process: Component, *, own: bool = True, ring: bool = False) -> Files:
        """Return where a process' settings come from.

        With `own` it gets its own logins, as far as Secrets have them, and the API a public key;
        with `ring` it keeps the ring besides.
        """
        if process is Component.MIGRATE:
            return self.migrate
        mine = self.granted.get(process, {}) if own else {}
        found = self.shared | mine
        if "intake_key" in mine and not ring:
            del found["keys"]
        return found


def _shared(credentials: Credentials, secrets: Mapping[str, Secret]) -> Files:
    meta, seals = credentials.whatsapp.name, credentials.keys.name
    servers = {component: one.name for component, one in credentials.servers.items()}
    data = servers[Component.DATABASE]
    found = {
        "database_url": SecretFile(data, database.URL),
        "database_owner_url": SecretFile(data, database.OWNER_URL),
        "broker_url": SecretFile(servers[Component.BROKER], broker.URL),
        "whatsapp_token": SecretFile(meta, whatsapp.TOKEN),
        "whatsapp_app_secrets": SecretFile(meta, whatsapp.APP_SECRETS),
        "whatsapp_verify_token": SecretFile(meta, whatsapp.VERIFY_TOKEN),
        "keys": SecretFile(seals, keys.RING),
        "index_key": SecretFile(seals, keys.INDEX_KEY),
    }
    replica = SecretFile(data, database.REPLICA_URL)
    if _exists(replica, secrets):
        found["database_replica_url"] = replica
    if shared := servers.get(Component.CACHE):
        found["cache_url"] = SecretFile(shared, cache.URL)
    if store := servers.get(Component.STORAGE):
        found["s3_access_key"] = SecretFile(store, storage.ACCESS_KEY)
        found["s3_secret_key"] = SecretFile(store, storage.SECRET_KEY)
        authority = SecretFile(store, storage.CA)
        if _exists(authority, secrets):
            found["s3_ca"] = authority
    return found


def _own(credentials: Credentials, process: Component) -> Files:
    found = {
        f"{server}_url": SecretFile(place, logins.url_of(process))
        for server in (Component.DATABASE, Component.BROKER)
        if (place := credentials.own_place(server))
    }
    if process is Component.API:
        found["intake_key"] = SecretFile(credentials.intake_place, logins.INTAKE_KEY)
    if process is Component.MEDIA and (store := credentials.own_place(Component.STORAGE)):
        found["s3_access_key"] = SecretFile(store, logins.MEDIA_ACCESS_KEY)
        found["s3_secret_key"] = SecretFile(store, logins.MEDIA_SECRET_KEY)
    return found


def _existing(files: Files, secrets: Mapping[str, Secret]) -> Files:
    """Return those whose Secret has the key; the store's two keys come together or not at all."""
    found = {name: file for name, file in files.items() if _exists(file, secrets)}
    pair = {"s3_access_key", "s3_secret_key"}
    halved = pair & found.keys() != pair
    return {name: file for name, file in found.items() if not (halved and name in pair)}


def mounted(workload: Manifest | None) -> frozenset[SecretFile]:
    """Return the keys that a workload's pods mount."""
    return frozenset(_mounted(workload)) if workload else frozenset()


def _mounted(workload: Manifest) -> Iterator[SecretFile]:
    for volume in workload["spec"]["template"]["spec"].get("volumes", ()):
        for source in volume.get("projected", {}).get("sources", ()):
            if secret := source.get("secret"):
                for item in secret.get("items", ()):
                    yield SecretFile(secret["name"], item["key"])


def _exists(file: SecretFile, secrets: Mapping[str, Secret]) -> bool:
    return file.secret in secrets and file.key in secrets[file.secret].keys


def _of_migrate(granted: Mapping[Component, Files], media: Files) -> Files:
    """Return all processes' logins, and the key by which a managed store knows media."""
    found = {
        name.replace("_url", f"_{process}_url"): file
        for process, files in granted.items()
        for name, file in files.items()
        if name.endswith("_url")
    }
    return found | ({"s3_media_access_key": media["s3_access_key"]} if media else {})
