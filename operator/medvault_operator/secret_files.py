"""Which key of which Secret each secret setting of the services comes from."""

from dataclasses import dataclass

from medvault_operator.api.v1alpha1 import broker, cache, database, keys, storage, whatsapp
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.credentials import of_broker, of_cache, of_database, of_keys, of_storage
from medvault_operator.world import World


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A key of a Secret, which the process reads as a file."""

    secret: str
    key: str

    @property
    def path(self) -> str:
        """Where it is below the folder of secrets."""
        return f"{self.secret}/{self.key}"


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
