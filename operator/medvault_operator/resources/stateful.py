"""The frame of a dependency that the operator runs: one pod, its volume, its Service."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from medvault_operator.api.v1alpha1.managed import Volume
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.api.v1alpha1.workloads import Resources
from medvault_operator.resources import pods
from medvault_operator.resources.objects import owned
from medvault_operator.resources.pods import Part
from medvault_operator.resources.services import service
from medvault_operator.vault import addresses, labels
from medvault_operator.vault.components import Component, child_name
from medvault_operator.world.manifest import Manifest

DATA = "data"
PORT = "main"
"""Name of the port on which a dependency does its work."""

SETTINGS = "medvault.dev/settings"
"""Annotation with a digest of the configuration, so that a pod follows a change of it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A dependency: its program, its user and its data.

    `container` is the main container without name, image and security; `data` and `files`, which
    are configuration, are mounted by the containers that want them. `secrets` is a digest of the
    values of Secrets that it reads at its start only.
    """

    component: Component
    image: str
    user: int
    resources: Resources
    container: Part
    volumes: tuple[Part, ...] = ()
    data: Volume | None = None
    files: dict[str, str] = field(default_factory=dict)
    before: tuple[Part, ...] = ()
    beside: tuple[Part, ...] = ()
    secrets: str = ""
    start_seconds: int = 120
    grace: int = 60


def objects(vault: MedicalVault, server: Server) -> list[Manifest]:
    """Return a dependency's objects."""
    settings = [owned("ConfigMap", vault, server.component, data=server.files)]
    return [
        *(settings if server.files else []),
        _service(vault, server.component),
        _stateful_set(vault, server),
    ]


def _stateful_set(vault: MedicalVault, server: Server) -> Manifest:
    """Return the StatefulSet; its volume stays when it goes.

    With pods in parallel a pod that can't start is replaced once the spec is mended.
    """
    component = server.component
    spec: dict[str, Any] = {
        "serviceName": child_name(vault, component),
        "replicas": 1,
        "podManagementPolicy": "Parallel",
        "selector": {"matchLabels": labels.selector(vault, component)},
        "template": {
            "metadata": {
                "labels": labels.of_component(vault, component),
                "annotations": {SETTINGS: _digest(server.files), **_secrets(server)},
            },
            "spec": _pod(vault, server),
        },
    }
    if server.data:
        spec["volumeClaimTemplates"] = [_claim(vault, server.data, component)]
        spec["persistentVolumeClaimRetentionPolicy"] = {
            "whenDeleted": "Retain",
            "whenScaled": "Retain",
        }
    return owned("StatefulSet", vault, component, spec=spec)


def _secrets(server: Server) -> dict[str, str]:
    return {labels.SECRETS: server.secrets} if server.secrets else {}


def _digest(files: dict[str, str]) -> str:
    return sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]


def _service(vault: MedicalVault, component: Component) -> Manifest:
    """Return the Service under whose name the dependency is found.

    Its only pod is found before it is ready: a client that comes too early is turned away anyway,
    and a container that fails beside it takes nothing away from those that work.
    """
    port = addresses.PORTS[component]
    named = {"name": PORT, "port": port, "targetPort": PORT}
    return service(vault, component, named, publishNotReadyAddresses=True)


def _pod(vault: MedicalVault, server: Server) -> Part:
    containers = [_main(server), *(_hardened(one, server.image) for one in server.beside)]
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": server.grace,
        "securityContext": pods.security(server.user),
        **pods.pull_secrets(vault),
        **pods.placement(vault),
        **({"initContainers": _first(server)} if server.before else {}),
        "containers": containers,
        "volumes": list(server.volumes),
    }


def _first(server: Server) -> list[Part]:
    return [_hardened(one, server.image) for one in server.before]


def _main(server: Server) -> Part:
    """Return the main container, watched by TCP where it says nothing else."""
    answers = {"tcpSocket": {"port": PORT}, "timeoutSeconds": 3}
    return {
        "ports": [
            {
                "name": PORT,
                "containerPort": addresses.PORTS[server.component],
                "protocol": "TCP",
            }
        ],
        "startupProbe": {
            **answers,
            "periodSeconds": 2,
            "failureThreshold": server.start_seconds // 2,
        },
        "livenessProbe": {**answers, "periodSeconds": 10, "failureThreshold": 6},
        "readinessProbe": {**answers, "periodSeconds": 5, "failureThreshold": 2},
        "resources": pods.resources(server.resources),
        **_hardened({"name": server.component.value, **server.container}, server.image),
    }


def _hardened(container: Part, image: str) -> Part:
    return {"image": image, "securityContext": pods.container_security(), **container}


def _claim(vault: MedicalVault, volume: Volume, component: Component) -> Part:
    named = {"storageClassName": volume.storage_class_name} if volume.storage_class_name else {}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": DATA, "labels": labels.selector(vault, component)},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": volume.size}},
            "volumeMode": "Filesystem",
            **named,
        },
    }
