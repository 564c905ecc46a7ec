"""Parts that all pods of a vault share: restricted security, placement, scratch space."""

from typing import Any

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.api.v1alpha1.workloads import Resources
from medvault_operator.vault.components import Component
from medvault_operator.vault.labels import selector

NOBODY = 65532
_HOST = "kubernetes.io/hostname"

Part = dict[str, Any]
"""A part of a pod's manifest."""


def security(user: int = NOBODY) -> Part:
    """Return a pod's security context as the level `restricted` asks for it.

    Volumes belong to the user's group; older files are not gone through at each start.
    """
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security() -> Part:
    """Return a container's security context: it gains no rights and can't write its own files."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def placement(vault: MedicalVault) -> Part:
    """Return which nodes a pod may run on."""
    topology = vault.spec.topology
    found: Part = {}
    if topology.node_selector:
        found["nodeSelector"] = dict(topology.node_selector)
    if topology.tolerations:
        found["tolerations"] = [
            one.model_dump(by_alias=True, exclude_none=True) for one in topology.tolerations
        ]
    if topology.priority_class_name:
        found["priorityClassName"] = topology.priority_class_name
    return found


def pull_secrets(vault: MedicalVault) -> Part:
    """Return the Secrets with which images are pulled."""
    given = vault.spec.image_pull_secrets
    return {"imagePullSecrets": [{"name": one.name} for one in given]} if given else {}


def spread(vault: MedicalVault, component: Component) -> list[Part]:
    """Return how a component's pods are spread: over zones first, then over nodes.

    Pods of the release before don't count, so that the new ones come to lie evenly.
    """
    topology = vault.spec.topology
    return [
        _evenly(vault, component, topology.zone_key, topology.when_unsatisfiable),
        _evenly(vault, component, _HOST, "ScheduleAnyway"),
    ]


def _evenly(vault: MedicalVault, component: Component, key: str, otherwise: str) -> Part:
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": otherwise,
        "labelSelector": {"matchLabels": selector(vault, component)},
        "matchLabelKeys": ["pod-template-hash"],
    }


def resources(given: Resources) -> Part:
    """Return a container's requests and limits."""
    return given.model_dump(by_alias=True, exclude_defaults=True)


def scratch(name: str, size: str, *, memory: bool = True) -> Part:
    """Return an empty volume that goes with the pod; in memory nothing of it meets a disk."""
    medium = {"medium": "Memory"} if memory else {}
    return {"name": name, "emptyDir": {"sizeLimit": size, **medium}}


def mount(name: str, path: str, *, read_only: bool = False) -> Part:
    """Return a volume's place in a container."""
    return {"name": name, "mountPath": path, **({"readOnly": True} if read_only else {})}
