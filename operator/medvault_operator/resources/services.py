"""Services: the API behind one address, and every process where Prometheus finds it."""

from typing import Any

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.deployments import PORT, PROBES
from medvault_operator.resources.objects import owned
from medvault_operator.vault import labels
from medvault_operator.vault.components import Component
from medvault_operator.vault.interface import PROBE_PORT, Process
from medvault_operator.world.manifest import Manifest

API_PORT = 80


def api(vault: MedicalVault) -> Manifest:
    """Return the Service to which the entrance leads; pods of an older image have no metrics."""
    return service(
        vault,
        Component.API,
        {"name": PORT, "port": API_PORT, "targetPort": PORT},
        {"name": PROBES, "port": PROBE_PORT, "targetPort": PROBES},
    )


def worker(vault: MedicalVault, process: Process) -> Manifest:
    """Return a worker's Service: no address of its own, only a list of its pods."""
    port = {"name": PROBES, "port": process.port, "targetPort": PORT}
    return service(vault, process.component, port, clusterIP="None")


def service(
    vault: MedicalVault, component: Component, *ports: dict[str, Any], **more: Any
) -> Manifest:
    """Return a component's Service within the cluster, with `more` in its spec."""
    return owned(
        "Service",
        vault,
        component,
        spec={
            "type": "ClusterIP",
            "selector": labels.selector(vault, component),
            "ports": [{"name": PORT, "protocol": "TCP", **port} for port in ports],
            **more,
        },
    )
