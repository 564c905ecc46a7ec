"""All objects of a vault, in the order in which they are applied."""

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.release import Release
from medvault_operator.world import Installation, Manifest, World


def desired(
    vault: MedicalVault, installation: Installation, world: World, release: Release
) -> list[Manifest]:
    """Return what the vault shall own now; what it owns besides is to be deleted."""
    raise NotImplementedError
