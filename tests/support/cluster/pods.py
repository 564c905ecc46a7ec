"""Pods of a cluster, found by what they are for, and how they end."""

import json
from dataclasses import dataclass
from typing import Any

from support.cluster.objects import listed
from support.cluster.tools import ToolError, call
from support.kubernetes.kubectl import Kubectl

COMPONENT = "app.kubernetes.io/component"
_SUDDENLY = "1"
"""Seconds of grace: with none, another pod could begin on a volume that is still written to."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod as it was seen."""

    name: str
    uid: str
    component: str
    node: str
    ready: bool
    containers: tuple[str, ...]

    @classmethod
    def read(cls, found: dict[str, Any]) -> "Pod":
        """Read what kubectl shows."""
        metadata, status = found["metadata"], found.get("status", {})
        conditions = {one["type"]: one["status"] for one in status.get("conditions", ())}
        return cls(
            metadata["name"],
            metadata["uid"],
            metadata["labels"].get(COMPONENT, ""),
            found["spec"].get("nodeName", ""),
            conditions.get("Ready") == "True" and "deletionTimestamp" not in metadata,
            tuple(one.get("containerID", "") for one in status.get("containerStatuses", ())),
        )


def pods(kubectl: Kubectl, selector: str) -> list[Pod]:
    """Return the pods with these labels that have not run to their end."""
    found = listed(kubectl, "pods", selector)
    ended = ("Succeeded", "Failed")
    return [Pod.read(one) for one in found if one.get("status", {}).get("phase") not in ended]


def delete(kubectl: Kubectl, pod: Pod) -> None:
    """Delete a pod; its processes get SIGKILL a second after SIGTERM."""
    kubectl.run(
        "delete", "pod", pod.name, f"--grace-period={_SUDDENLY}", "--wait=false",
        "--ignore-not-found",
    )  # fmt: skip


def kill(pod: Pod) -> None:
    """Kill what runs in a pod with SIGKILL, through its node, which is a container of kind's."""
    ids = [one.rpartition("/")[2] for one in pod.containers]
    script = " ".join(
        [
            "for each in", *(json.dumps(one) for one in ids), "; do",
            'kill -9 $(grep -l "$each" /proc/[0-9]*/cgroup | cut -d/ -f3) || exit 1; done',
        ]
    )  # fmt: skip
    try:
        call("docker", "exec", pod.node, "sh", "-c", script)
    except ToolError as error:
        raise AssertionError(f"{pod.name} could not be killed: {error}") from None
