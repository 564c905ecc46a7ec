"""Whether a stolen process gives away only what that process needs."""

from medvault_operator.api.conditions import ConditionType
from medvault_operator.capabilities.conditions.least_privilege import least_privilege
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.world.world import World


def privileges(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:
    """Judge logins and keys; which of them pods mount is part of the roll-out."""
    judged = least_privilege(blueprint, world, rollout)
    return Decision(conditions={ConditionType.LEAST_PRIVILEGE: judged})
