"""Deployments of medvault's processes."""

from typing import Any

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.api.v1alpha1.workloads import Resources
from medvault_operator.resources import pods
from medvault_operator.resources.objects import owned
from medvault_operator.resources.service_pods import template
from medvault_operator.vault import labels
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component
from medvault_operator.vault.interface import LIVENESS, PROBE_PORT, READINESS, Process
from medvault_operator.vault.secret_files import Files
from medvault_operator.world.manifest import Manifest

PORT = "http"
"""Name of the port on which every process answers the kubelet."""
PROBES = "probes"
"""Name of the port for metrics, where that is another one."""


def deployment(
    blueprint: Blueprint, process: Process, image: str, files: Files, replicas: int | None
) -> Manifest:
    """Return a process's Deployment: a pod is taken away after another one is ready.

    Without `replicas` it leaves to somebody else how many there are.
    """
    vault, component = blueprint.vault, process.component
    pod = template(
        blueprint,
        process,
        image,
        files,
        ports=_ports(process),
        resources=pods.resources(_resources(vault, component)),
        **_probes(),
    )
    pod["spec"]["topologySpreadConstraints"] = pods.spread(vault, component)
    return owned(
        "Deployment",
        vault,
        component,
        spec={
            **({} if replicas is None else {"replicas": replicas}),
            "selector": {"matchLabels": labels.selector(vault, component)},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"},
            },
            "revisionHistoryLimit": 3,
            "template": pod,
        },
    )


def _resources(vault: MedicalVault, component: Component) -> Resources:
    workers = vault.spec.workers
    return {
        Component.API: vault.spec.api.resources,
        Component.INBOUND: workers.inbound.resources,
        Component.MEDIA: workers.media.resources,
        Component.OUTBOUND: workers.outbound.resources,
    }[component]


def _ports(process: Process) -> list[dict[str, Any]]:
    numbers = {PORT: process.port}
    if process.port != PROBE_PORT:
        numbers[PROBES] = PROBE_PORT
    return [
        {"name": name, "containerPort": number, "protocol": "TCP"}
        for name, number in numbers.items()
    ]


def _probes() -> dict[str, Any]:
    """Return the probes: a start may take two minutes, a process that is stuck ends in one."""
    alive = {"httpGet": {"path": LIVENESS, "port": PORT}, "timeoutSeconds": 3}
    ready = {"httpGet": {"path": READINESS, "port": PORT}, "timeoutSeconds": 3}
    return {
        "startupProbe": {**alive, "periodSeconds": 2, "failureThreshold": 60},
        "livenessProbe": {**alive, "periodSeconds": 10, "failureThreshold": 6},
        "readinessProbe": {**ready, "periodSeconds": 2, "failureThreshold": 2},
    }
