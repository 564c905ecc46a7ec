"""Whether a vault outlives the loss of a pod, a node or a zone, and what keeps pods apart."""

from medvault_operator.api.conditions import ConditionType
from medvault_operator.capabilities.conditions.highly_available import highly_available
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.resources.disruption import budgets
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.world.world import World


def redundancy(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:  # noqa: ARG001
    """Decide on budgets for disruptions."""
    return Decision(
        objects=tuple(budgets(blueprint)),
        conditions={ConditionType.HIGHLY_AVAILABLE: highly_available(blueprint, world)},
    )
