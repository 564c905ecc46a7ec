"""Which key of which Secret each secret setting of a process comes from."""

from collections.abc import Iterator
from dataclasses import dataclass

from medvault_operator.api.v1alpha1 import (
    broker,
    cache,
    database,
    keys,
    logins,
    storage,
    whatsapp,
)
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.components import SERVICES, Component
from medvault_operator.credentials import (
    intake_place,
    of_broker,
    of_cache,
    of_database,
    of_keys,
    of_storage,
    own_place,
)
from medvault_operator.world import Manifest, World


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


def secret_files(
    vault: MedicalVault, world: World, process: Component, *, own: bool = True, ring: bool = False
) -> Files:
    """Return where each secret setting of a process comes from.

    What the vault has no use for is left out. With `own` a process gets its own logins, as far as
    Secrets have them, and the API a public key; with `ring` it keeps the ring besides.
    """
    found = shared_files(vault, world)
    if process is Component.MIGRATE:
        return found | _of_migrate(vault, world)
    mine = existing(own_files(vault, process), world) if own else {}
    if "intake_key" in mine and not ring:
        del found["keys"]
    return found | mine


def shared_files(vault: MedicalVault, world: World) -> Files:
    """Return where secret settings come from that all processes share."""
    meta = vault.spec.whatsapp.secret_ref.name
    seals, data = of_keys(vault).name, of_database(vault).name
    found = {
        "database_url": SecretFile(data, database.URL),
        "database_owner_url": SecretFile(data, database.OWNER_URL),
        "broker_url": SecretFile(of_broker(vault).name, broker.URL),
        "whatsapp_token": SecretFile(meta, whatsapp.TOKEN),
        "whatsapp_app_secrets": SecretFile(meta, whatsapp.APP_SECRETS),
        "whatsapp_verify_token": SecretFile(meta, whatsapp.VERIFY_TOKEN),
        "keys": ring_file(vault),
        "index_key": SecretFile(seals, keys.INDEX_KEY),
    }
    if data in world.secrets and database.REPLICA_URL in world.secrets[data].keys:
        found["database_replica_url"] = SecretFile(data, database.REPLICA_URL)
    if shared := of_cache(vault):
        found["cache_url"] = SecretFile(shared.name, cache.URL)
    if store := of_storage(vault):
        found["s3_access_key"] = SecretFile(store.name, storage.ACCESS_KEY)
        found["s3_secret_key"] = SecretFile(store.name, storage.SECRET_KEY)
        found |= existing({"s3_ca": SecretFile(store.name, storage.CA)}, world)
    return found


def ring_file(vault: MedicalVault) -> SecretFile:
    """Return where the key ring is."""
    return SecretFile(of_keys(vault).name, keys.RING)


def own_files(vault: MedicalVault, process: Component) -> Files:
    """Return where the settings would come from that are one process' own."""
    found = {
        f"{server}_url": SecretFile(place, logins.url_of(process))
        for server in (Component.DATABASE, Component.BROKER)
        if (place := own_place(vault, server))
    }
    if process is Component.API:
        found["intake_key"] = SecretFile(intake_place(vault), logins.INTAKE_KEY)
    if process is Component.MEDIA and (store := own_place(vault, Component.STORAGE)):
        found["s3_access_key"] = SecretFile(store, logins.MEDIA_ACCESS_KEY)
        found["s3_secret_key"] = SecretFile(store, logins.MEDIA_SECRET_KEY)
    return found


def existing(files: Files, world: World) -> Files:
    """Return those whose Secret has the key; of the two of the store both or none."""
    found = {name: file for name, file in files.items() if _exists(file, world)}
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


def _exists(file: SecretFile, world: World) -> bool:
    return file.secret in world.secrets and file.key in world.secrets[file.secret].keys


def _of_migrate(vault: MedicalVault, world: World) -> Files:
    """Return all processes' logins, which are admitted and tried; of the store media's alone."""
    found = {
        name.replace("_url", f"_{process}_url"): file
        for process in SERVICES
        for name, file in existing(own_files(vault, process), world).items()
        if name.endswith("_url")
    }
    if vault.spec.storage.managed:
        place = own_place(vault, Component.STORAGE) or ""
        found["s3_media_access_key"] = SecretFile(place, logins.MEDIA_ACCESS_KEY)
    return found
