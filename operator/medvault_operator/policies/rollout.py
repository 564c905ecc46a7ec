"""How a vault gets from one image to the next: migrate, roll out, contract."""

from dataclasses import dataclass

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.release import Release
from medvault_operator.world import Installation, World


@dataclass(frozen=True, slots=True)
class Rollout:
    """Where a vault stands on its way, and what to do now.

    `retry` names Jobs that failed and are to be deleted, so that they are made anew.
    """

    release: Release
    retry: tuple[str, ...]
    settled: bool
    reason: Reason
    message: str


def rollout(vault: MedicalVault, installation: Installation, world: World) -> Rollout:
    """Decide what runs now."""
    raise NotImplementedError
