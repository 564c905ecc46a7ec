"""The ServiceMonitor, by which Prometheus' operator finds all processes."""

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.deployments import PROBES
from medvault_operator.resources.objects import owned
from medvault_operator.vault import labels
from medvault_operator.vault.components import SERVICES
from medvault_operator.vault.interface import METRICS
from medvault_operator.world.cluster import SERVICE_MONITOR
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

_INTERVAL = "30s"


def service_monitor(vault: MedicalVault, world: World) -> list[Manifest]:
    """Return it where it is wanted and the cluster knows the kind."""
    if vault.spec.monitoring.service_monitor == "disabled" or SERVICE_MONITOR not in world.served:
        return []
    monitor = owned(
        "ServiceMonitor",
        vault,
        spec={
            "selector": {
                "matchLabels": {labels.NAME: labels.APPLICATION, labels.INSTANCE: vault.name},
                "matchExpressions": [
                    {"key": labels.COMPONENT, "operator": "In", "values": list(SERVICES)}
                ],
            },
            "endpoints": [{"port": PROBES, "path": METRICS, "interval": _INTERVAL}],
            "targetLabels": [labels.INSTANCE, labels.COMPONENT],
        },
    )
    mine = monitor["metadata"]["labels"]
    monitor["metadata"]["labels"] = {**vault.spec.monitoring.labels, **mine}
    return [monitor]
