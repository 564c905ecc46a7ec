"""Meta's check of identities: inbound's pods see it, and are asked."""

from medvault_operator.api.conditions import ConditionType
from medvault_operator.capabilities.actions import AskIdentityCheck
from medvault_operator.capabilities.conditions.identity_check import identity_check
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.world.pods import IdentityCheck
from medvault_operator.world.world import World


def identity(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:  # noqa: ARG001
    """Ask if it is time; the answer shows in a later pass, and without a pod there is none."""
    mute = world.identity_due and not world.inbound
    known = IdentityCheck.UNTOLD if mute else world.identity_check
    return Decision(
        actions=(AskIdentityCheck(world.inbound),) if world.identity_due else (),
        conditions={ConditionType.IDENTITY_CHECK: identity_check(blueprint.vault, known)},
    )
