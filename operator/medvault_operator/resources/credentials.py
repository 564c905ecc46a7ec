"""Secrets that the operator makes once and never changes: credentials and keys."""

from collections.abc import Callable

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.world import Manifest, World


def missing(
    vault: MedicalVault, world: World, random_bytes: Callable[[int], bytes]
) -> list[Manifest]:
    """Return the generated Secrets that do not exist yet, to be created and never applied.

    They have no owner: who deletes a vault keeps its data and what opens them.
    """
    raise NotImplementedError


def names(vault: MedicalVault) -> dict[str, tuple[str, ...]]:
    """Return every Secret that the vault needs, generated or referred to, with its keys."""
    raise NotImplementedError
