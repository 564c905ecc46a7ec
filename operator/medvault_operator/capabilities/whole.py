"""All powers of the operator, joined in one decision."""

from collections.abc import Callable

from medvault_operator.capabilities.credentials import credentials
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.dependencies import dependencies
from medvault_operator.capabilities.entrance import entrance
from medvault_operator.capabilities.identity import identity
from medvault_operator.capabilities.isolation import isolation
from medvault_operator.capabilities.monitoring import monitoring
from medvault_operator.capabilities.privileges import privileges
from medvault_operator.capabilities.processes import processes
from medvault_operator.capabilities.redundancy import redundancy
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.capabilities.scaling import scaling
from medvault_operator.capabilities.store import store
from medvault_operator.capabilities.troubles import troubles
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.world.world import World

Capability = Callable[[Blueprint, World, Rollout], Decision]
"""The stage of the roll-out is derived once and given to all: conditions and Jobs hang on it."""

CAPABILITIES: tuple[Capability, ...] = (
    isolation,
    dependencies,
    processes,
    scaling,
    redundancy,
    monitoring,
    entrance,
    privileges,
    identity,
    store,
    credentials,
    troubles,
)
"""In the order in which their objects are applied."""


def decide(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:
    """Have every capability decide."""
    return Decision.joined(capability(blueprint, world, rollout) for capability in CAPABILITIES)
