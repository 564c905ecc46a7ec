"""PodDisruptionBudgets: a drained node takes one pod of a process at a time."""

from medvault_operator.resources.objects import owned
from medvault_operator.vault import labels
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import SERVICES
from medvault_operator.world.manifest import Manifest


def budgets(blueprint: Blueprint) -> list[Manifest]:
    """Return a budget for each process that runs more than once; pods that are ill don't count."""
    return [
        owned(
            "PodDisruptionBudget",
            blueprint.vault,
            component,
            spec={
                "maxUnavailable": 1,
                "selector": {"matchLabels": labels.selector(blueprint.vault, component)},
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            },
        )
        for component in SERVICES
        if blueprint.replicas[component] > 1
    ]
