"""What a process is told: settings as environment variables, secrets as files."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from medvault_operator.api.v1alpha1 import broker, cache, database, keys, storage, whatsapp
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.credentials import of_broker, of_cache, of_database, of_keys, of_storage
from medvault_operator.resources import addresses, interface
from medvault_operator.resources.interface import PREFIX, Process
from medvault_operator.world import World

VOLUME = "secrets"
FOLDER = "/run/secrets/medvault"


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A key of a Secret, which the process reads as a file."""

    secret: str
    key: str

    @property
    def path(self) -> str:
        """Where it is below the folder of secrets."""
        return f"{self.secret}/{self.key}"


def environment(vault: MedicalVault, world: World, process: Process) -> list[dict[str, Any]]:
    """Return a process's environment variables."""
    plain, secret = _plain(vault), secret_files(vault, world)
    values = {f"{PREFIX}{name.upper()}": plain[name] for name in process.settings if name in plain}
    files = {
        f"{PREFIX}{name.upper()}_FILE": f"{FOLDER}/{secret[name].path}"
        for name in process.settings
        if name in secret
    }
    return [{"name": name, "value": value} for name, value in (values | files).items()]


def volume(vault: MedicalVault, world: World, process: Process) -> dict[str, Any]:
    """Return the volume with the keys that a process needs, and no other key."""
    sources: dict[str, list[dict[str, str]]] = {}
    for file in _files(vault, world, process):
        sources.setdefault(file.secret, []).append({"key": file.key, "path": file.path})
    projected = [{"secret": {"name": name, "items": items}} for name, items in sources.items()]
    return {"name": VOLUME, "projected": {"sources": projected}}


def digest(vault: MedicalVault, world: World, process: Process) -> str:
    """Return a digest that changes with the content of the Secrets a process reads.

    Whoever edits a Secret has its pods replaced, one after the other.
    """
    names = {file.secret for file in _files(vault, world, process)}
    versions = {name: world.secrets[name].version for name in names if name in world.secrets}
    return sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()[:16]


def _files(vault: MedicalVault, world: World, process: Process) -> list[SecretFile]:
    secret = secret_files(vault, world)
    return [secret[name] for name in process.settings if name in secret]


def secret_files(vault: MedicalVault, world: World) -> dict[str, SecretFile]:
    """Return where each secret setting comes from; what the vault has no use for is left out."""
    meta = vault.spec.whatsapp.secret_ref.name
    seals, data = of_keys(vault).name, of_database(vault).name
    found = {
        "database_url": SecretFile(data, database.URL),
        "database_owner_url": SecretFile(data, database.OWNER_URL),
        "broker_url": SecretFile(of_broker(vault).name, broker.URL),
        "whatsapp_token": SecretFile(meta, whatsapp.TOKEN),
        "whatsapp_app_secrets": SecretFile(meta, whatsapp.APP_SECRETS),
        "whatsapp_verify_token": SecretFile(meta, whatsapp.VERIFY_TOKEN),
        "keys": SecretFile(seals, keys.RING),
        "index_key": SecretFile(seals, keys.INDEX_KEY),
    }
    if data in world.secrets and database.REPLICA_URL in world.secrets[data].keys:
        found["database_replica_url"] = SecretFile(data, database.REPLICA_URL)
    if shared := of_cache(vault):
        found["cache_url"] = SecretFile(shared.name, cache.URL)
    if store := of_storage(vault):
        found["s3_access_key"] = SecretFile(store.name, storage.ACCESS_KEY)
        found["s3_secret_key"] = SecretFile(store.name, storage.SECRET_KEY)
    return found


def _plain(vault: MedicalVault) -> dict[str, str]:
    spec = vault.spec
    place = addresses.store(vault)
    found = {
        "whatsapp_phone_number_id": spec.whatsapp.phone_number_id,
        "whatsapp_base_url": spec.whatsapp.base_url,
        "whatsapp_messages_per_second": str(spec.whatsapp.messages_per_second),
        "timezone": spec.timezone,
        "support_contact": spec.support_contact,
        "s3_endpoint_url": place.endpoint_url,
        "s3_bucket": place.bucket,
        "s3_region": place.region,
        "clamd_address": addresses.scanner(vault),
        "media_threads": str(spec.workers.media.threads),
        "port": str(interface.API_PORT),
        "probe_port": str(interface.PROBE_PORT),
        "termination_log": interface.TERMINATION_LOG,
    }
    return {name: value for name, value in found.items() if value is not None}
