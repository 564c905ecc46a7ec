"""What pods tell of a vault: which of them can't go on, and what Jobs left as their last word."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from medvault_operator.kube.errors import shorten
from medvault_operator.world import Manifest, Trouble

_STARTING = frozenset({"ContainerCreating", "PodInitializing"})
_COMPONENT = "app.kubernetes.io/component"
_JOB = "batch.kubernetes.io/job-name"


def troubles(pods: Sequence[Manifest]) -> tuple[Trouble, ...]:
    """Return what keeps pods from running, one trouble a pod; those that end don't count."""
    living = (pod for pod in pods if "deletionTimestamp" not in pod["metadata"])
    found = ((pod, next(_obstacles(pod.get("status", {})), None)) for pod in living)
    return tuple(
        Trouble(
            component=pod["metadata"].get("labels", {}).get(_COMPONENT, ""),
            pod=pod["metadata"]["name"],
            reason=obstacle[0],
            message=shorten(obstacle[1]),
        )
        for pod, obstacle in found
        if obstacle is not None
    )


def reports(pods: Sequence[Manifest]) -> Mapping[str, str]:
    """Return the termination message of each Job's newest pod that has one, by the Job's name."""
    said: dict[str, str] = {}
    for pod in sorted(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp", ""))):
        job = pod["metadata"].get("labels", {}).get(_JOB)
        for container in _containers(pod.get("status", {})):
            message = _ended(container).get("message", "")
            if job and message:
                said[job] = message
    return said


def _obstacles(status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for condition in status.get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield condition.get("reason", "Unschedulable"), condition.get("message", "")
    for container in _containers(status):
        yield from _obstacle(container)
    if status.get("phase") == "Failed":
        yield status.get("reason", "Failed"), status.get("message", "")


def _obstacle(container: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    state = container.get("state", {})
    if waiting := state.get("waiting"):
        reason = waiting.get("reason", "")
        if reason and reason not in _STARTING:
            yield reason, _ended(container).get("message") or waiting.get("message", "")
    elif _ended(container).get("exitCode", 0) and "running" not in state:
        ended = _ended(container)
        yield ended.get("reason", "Error"), ended.get("message", "")


def _ended(container: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return how a container ended, now or the last time."""
    ended: Mapping[str, Any] = (
        container.get("state", {}).get("terminated")
        or container.get("lastState", {}).get("terminated")
        or {}
    )
    return ended


def _containers(status: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from status.get("initContainerStatuses", ())
    yield from status.get("containerStatuses", ())
