"""The facts of a vault that a pass needs, derived once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault import addresses, components
from medvault_operator.vault.addresses import Store
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.credentials import Credentials
from medvault_operator.vault.installation import Installation, Network
from medvault_operator.vault.release import wanted_image
from medvault_operator.vault.secret_files import SecretFiles
from medvault_operator.world.secrets import Secret


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A vault's spec with all that follows from it, the installation and the existing Secrets.

    `image` is that of the services once the roll-out is done; `replicas` are those of each process
    at least. The Service that tells autoscalers how much work waits is `external_metrics`, if any.
    The dependencies that the operator runs are `managed`. `secrets` have their versions.
    """

    vault: MedicalVault
    network: Network
    external_metrics: str
    image: str
    replicas: Mapping[Component, int]
    managed: tuple[Component, ...]
    store: Store
    scanner: str
    credentials: Credentials
    secrets: Mapping[str, Secret]
    files: SecretFiles

    @classmethod
    def derive(
        cls,
        vault: MedicalVault,
        installation: Installation,
        credentials: Credentials,
        secrets: Mapping[str, Secret],
    ) -> "Blueprint":
        """Derive one; `credentials` are the vault's, `secrets` those of them that exist."""
        return cls(
            vault=vault,
            network=installation.network,
            external_metrics=installation.external_metrics,
            image=wanted_image(vault, installation),
            replicas={one: components.replicas(vault, one).min for one in SERVICES},
            managed=components.managed(vault),
            store=addresses.store(vault),
            scanner=addresses.scanner(vault),
            credentials=credentials,
            secrets=secrets,
            files=SecretFiles.of(vault, credentials, secrets),
        )

    def versions(self, *names: str) -> str:
        """Return a digest that changes with the content of these Secrets."""
        found = {name: self.secrets[name].version for name in names if name in self.secrets}
        return sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]
