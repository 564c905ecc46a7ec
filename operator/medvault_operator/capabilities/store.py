"""The store's shortcomings, as the last migration found them."""

from medvault_operator.api.v1alpha1.status import StorageStatus
from medvault_operator.capabilities.decision import Decision, Told
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.capabilities.termination import termination
from medvault_operator.resources.jobs import name_of
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.world.world import World

_LACKS = {
    "versioning": "versioning: what is deleted or replaced is gone at once",
    "lifecycle": "lifecycle rules: old versions and leftovers of incoming/ are not removed by the "
    "store",
}


def store(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:
    """Tell them; once the Job's pod is gone, the status keeps those of before."""
    lacks = termination(world.terminations.get(name_of(rollout.jobs.migrate), "")).lacks
    if lacks is None:
        return Decision(status=Told(storage=blueprint.vault.status.storage))
    told = StorageStatus(lacks=[_LACKS.get(lack, lack) for lack in lacks])
    return Decision(status=Told(storage=told))
