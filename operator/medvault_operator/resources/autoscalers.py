"""Autoscalers: the API follows its use of the CPU, each worker the depth of its queue."""

from typing import Any

from medvault_operator.api.v1alpha1.scaling import Behaviour, ByQueue
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.objects import owned
from medvault_operator.vault.components import Component, child_name, replicas
from medvault_operator.vault.interface import PROBE_PORT, WAITING
from medvault_operator.vault.scaling import AUTOSCALER, KEDA_OBJECT
from medvault_operator.world.manifest import Manifest

METRIC = "medvault_work"
"""The external metric: rows of a queue that wait for a worker or are in hand."""
_KEDA_LOOKS_SECONDS = 5

Part = dict[str, Any]


def by_cpu(vault: MedicalVault, least: int) -> Manifest:
    """Return the API's autoscaler."""
    given = vault.spec.api.scaling
    use = {"type": "Utilization", "averageUtilization": given.cpu_percent}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": use}}
    return _autoscaler(vault, Component.API, least, metric, given)


def by_metric(vault: MedicalVault, worker: Component, least: int) -> Manifest:
    """Return a worker's autoscaler over the API of external metrics."""
    given = queue(vault, worker)
    chosen = {"matchLabels": {"vault": vault.name, "queue": str(worker)}}
    metric = {
        "type": "External",
        "external": {
            "metric": {"name": METRIC, "selector": chosen},
            "target": {"type": "AverageValue", "averageValue": str(given.target)},
        },
    }
    return _autoscaler(vault, worker, least, metric, given)


def by_keda(vault: MedicalVault, worker: Component, least: int) -> Manifest:
    """Return a worker's ScaledObject over the same figures; without an answer replicas stay."""
    given, name = queue(vault, worker), child_name(vault, worker)
    inbound = f"{child_name(vault, Component.INBOUND)}.{vault.namespace}.svc"
    figures = {
        "url": f"http://{inbound}:{PROBE_PORT}{WAITING}",
        "valueLocation": f"queues.{worker}.depth",
        "targetValue": str(given.target),
    }
    return owned(
        KEDA_OBJECT,
        vault,
        worker,
        spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicaCount": least,
            "maxReplicaCount": replicas(vault, worker).max,
            "pollingInterval": _KEDA_LOOKS_SECONDS,
            "cooldownPeriod": given.down_after_seconds,
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": _behaviour(given)}},
            "triggers": [{"type": "metrics-api", "metricType": "AverageValue",
                          "metadata": figures}],
        },
    )  # fmt: skip


def queue(vault: MedicalVault, worker: Component) -> ByQueue:
    """Return how a worker follows its queue."""
    workers = vault.spec.workers
    return {
        Component.INBOUND: workers.inbound.scaling,
        Component.MEDIA: workers.media.scaling,
        Component.OUTBOUND: workers.outbound.scaling,
    }[worker]


def _autoscaler(
    vault: MedicalVault, component: Component, least: int, metric: Part, given: Behaviour
) -> Manifest:
    name = child_name(vault, component)
    return owned(
        AUTOSCALER,
        vault,
        component,
        spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": least,
            "maxReplicas": replicas(vault, component).max,
            "metrics": [metric],
            "behavior": _behaviour(given),
        },
    )


def _behaviour(given: Behaviour) -> Part:
    """Return how long a need has to last before replicas follow it, at Kubernetes' own pace."""
    return {
        "scaleUp": {"stabilizationWindowSeconds": given.up_after_seconds},
        "scaleDown": {"stabilizationWindowSeconds": given.down_after_seconds},
    }
