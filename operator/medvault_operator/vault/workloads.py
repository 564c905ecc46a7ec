"""Reading the state of Deployments, StatefulSets and Jobs."""

from typing import Any

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.components import SERVICES, Component, child_name
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

_KINDS = dict.fromkeys(SERVICES, "Deployment")


def found(vault: MedicalVault, world: World, component: Component) -> Manifest | None:
    """Return a component's Deployment or StatefulSet, if it exists."""
    kind = _KINDS.get(component, "StatefulSet")
    return world.children.get((kind, child_name(vault, component)))


def image(workload: Manifest | None) -> str | None:
    """Return the image of a workload's first container."""
    if workload is None:
        return None
    name: str = workload["spec"]["template"]["spec"]["containers"][0]["image"]
    return name


def replicas(workload: Manifest | None) -> int:
    """Return how many pods a workload wants now; none where it does not exist."""
    count: int = workload["spec"].get("replicas", 1) if workload else 0
    return count


def rolled_out(deployment: Manifest | None, image_name: str, least: int) -> bool:
    """Tell whether all pods are of the newest template, run an image, and enough are available.

    While an autoscaler adds some, there need be no more than at least.
    """
    if deployment is None or image(deployment) != image_name:
        return False
    status = _status(deployment)
    enough = min(replicas(deployment), least)
    return (
        _is_current(deployment)
        and status.get("replicas", 0) == status.get("updatedReplicas", 0)
        and status.get("availableReplicas", 0) >= enough
    )


def renewed(stateful_set: Manifest | None) -> bool:
    """Tell whether all pods are of the newest template, ready or not."""
    if stateful_set is None:
        return False
    updated = _status(stateful_set).get("updatedReplicas", 0)
    return _is_current(stateful_set) and updated == replicas(stateful_set)


def serves(workload: Manifest | None) -> bool:
    """Tell whether at least one pod is ready."""
    return ready(workload) > 0


def complete(job: Manifest | None) -> bool:
    """Tell whether a Job has done what it was made for."""
    return job is not None and _holds(job, "Complete")


def exhausted(job: Manifest | None) -> bool:
    """Tell whether a Job has given up."""
    return job is not None and _holds(job, "Failed")


def stumbled(job: Manifest | None) -> bool:
    """Tell whether a Job has failed at least once and is not done."""
    if job is None or complete(job):
        return False
    return exhausted(job) or _status(job).get("failed", 0) > 0


def _holds(job: Manifest, kind: str) -> bool:
    conditions = _status(job).get("conditions", ())
    return any(one["type"] == kind and one["status"] == "True" for one in conditions)


def ready(workload: Manifest | None) -> int:
    """Return how many pods are ready."""
    count: int = _status(workload).get("readyReplicas", 0) if workload else 0
    return count


def _is_current(workload: Manifest) -> bool:
    generation = workload["metadata"].get("generation", 0)
    return bool(_status(workload).get("observedGeneration", 0) >= generation)


def _status(workload: Manifest) -> dict[str, Any]:
    status: dict[str, Any] = workload.get("status") or {}
    return status
