"""Reading pods: their troubles, Jobs' termination messages, addresses of those that are ready."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from medvault_operator.kube.errors import shorten
from medvault_operator.vault import labels
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.pods import Trouble

_STARTING = frozenset({"ContainerCreating", "PodInitializing"})
_JOB = "batch.kubernetes.io/job-name"
_START = timedelta(seconds=20)
_SLOW_START = timedelta(minutes=3)
"""How long a process of medvault may run before it is ready, and a server such as ClamAV."""


def troubles(pods: Sequence[Manifest], now: datetime) -> tuple[Trouble, ...]:
    """Return why pods don't run or are not ready; those that end don't count."""
    living = (pod for pod in pods if "deletionTimestamp" not in pod["metadata"])
    found = ((pod, next(_obstacles(pod, now), None)) for pod in living)
    return tuple(
        Trouble(
            component=_component(pod),
            pod=pod["metadata"]["name"],
            reason=obstacle[0],
            message=shorten(obstacle[1]),
        )
        for pod, obstacle in found
        if obstacle is not None
    )


def terminations(pods: Sequence[Manifest]) -> Mapping[str, str]:
    """Return the termination message of each Job's newest pod that has one, by the Job's name."""
    said: dict[str, str] = {}
    for pod in sorted(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp", ""))):
        job = pod["metadata"].get("labels", {}).get(_JOB)
        for container in _containers(pod.get("status", {})):
            message = _ended(container).get("message", "")
            if job and message:
                said[job] = message
    return said


def ready_addresses(pods: Sequence[Manifest], component: Component) -> tuple[str, ...]:
    """Return the IP addresses of a component's ready pods, in the order of the pods' names."""
    ready = {
        pod["metadata"]["name"]: pod["status"]["podIP"]
        for pod in pods
        if _component(pod) == component
        and "deletionTimestamp" not in pod["metadata"]
        and (_readiness(pod.get("status", {})) or {}).get("status") == "True"
        and pod["status"].get("podIP")
    }
    return tuple(ready[name] for name in sorted(ready))


def _obstacles(pod: Manifest, now: datetime) -> Iterator[tuple[str, str]]:
    status = pod.get("status", {})
    for condition in status.get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield condition.get("reason", "Unschedulable"), condition.get("message", "")
    for container in _containers(status):
        yield from _obstacle(container)
    if status.get("phase") == "Failed":
        yield status.get("reason", "Failed"), status.get("message", "")
    if _unready_for(status, now) > (_START if _component(pod) in SERVICES else _SLOW_START):
        yield "NotReady", ""


def _component(pod: Manifest) -> str:
    return str(pod["metadata"].get("labels", {}).get(labels.COMPONENT, ""))


def _unready_for(status: Mapping[str, Any], now: datetime) -> timedelta:
    """Return how long all containers of a pod run while it is not ready."""
    running = [one.get("state", {}).get("running") for one in status.get("containerStatuses", ())]
    ready = _readiness(status)
    if ready is None or ready["status"] == "True" or not running or not all(running):
        return timedelta()
    began = [ready.get("lastTransitionTime"), *(one.get("startedAt") for one in running)]
    return now - max(datetime.fromisoformat(moment) for moment in began if moment)


def _readiness(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((one for one in status.get("conditions", ()) if one["type"] == "Ready"), None)


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
