"""The whole status of a vault."""

from medvault_operator.api.v1alpha1.status import VaultStatus
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.policies.rollout import Rollout
from medvault_operator.world import World


def standing(vault: MedicalVault, world: World, rollout: Rollout) -> VaultStatus:
    """Say what holds for a vault; `last_transition_time` is kept where a status is unchanged.

    `observed_generation` is what it was: the reconciler raises it after a whole success.
    """
    raise NotImplementedError


def paused(vault: MedicalVault, world: World) -> VaultStatus:
    """Say of a vault that is left alone what it said before, and that it is paused."""
    raise NotImplementedError


def refused(vault: MedicalVault, world: World, problems: tuple[str, ...]) -> VaultStatus:
    """Say of a vault that could not be applied why; `problems` are fit to be read by a person."""
    raise NotImplementedError
