"""PodDisruptionBudgets: a drained node takes one pod of a process at a time."""

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.objects import owned
from medvault_operator.vault import labels
from medvault_operator.vault.components import SERVICES, replicas
from medvault_operator.world.manifest import Manifest


def budgets(vault: MedicalVault) -> list[Manifest]:
    """Return a budget for each process that runs more than once; pods that are ill don't count."""
    return [
        owned(
            "PodDisruptionBudget",
            vault,
            component,
            spec={
                "maxUnavailable": 1,
                "selector": {"matchLabels": labels.selector(vault, component)},
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            },
        )
        for component in SERVICES
        if replicas(vault, component).min > 1
    ]
