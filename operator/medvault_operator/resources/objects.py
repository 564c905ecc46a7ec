"""The frame of every object: its kind, its name, its labels, and the vault that owns it."""

from typing import Any

from medvault_operator.api.v1alpha1 import API_VERSION, KIND
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault import labels
from medvault_operator.vault.components import Component, child_name
from medvault_operator.world.manifest import Manifest

API_VERSIONS = {
    "ConfigMap": "v1",
    "Deployment": "apps/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "Ingress": "networking.k8s.io/v1",
    "Job": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "ScaledObject": "keda.sh/v1alpha1",
    "Secret": "v1",
    "Service": "v1",
    "ServiceAccount": "v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
    "StatefulSet": "apps/v1",
}
"""Every kind that a vault may own, in the version that is applied."""


def owned(
    kind: str,
    vault: MedicalVault,
    component: Component | None = None,
    *,
    name: str = "",
    **content: Any,
) -> Manifest:
    """Return an object that goes when the vault goes; it is named after its component."""
    found = unowned(kind, vault, component, name=name, **content)
    found["metadata"]["ownerReferences"] = [
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": vault.name,
            "uid": vault.metadata.uid,
            "controller": True,
            "blockOwnerDeletion": False,
        }
    ]
    return found


def unowned(
    kind: str,
    vault: MedicalVault,
    component: Component | None = None,
    *,
    name: str = "",
    **content: Any,
) -> Manifest:
    """Return an object that stays when the vault goes."""
    named = child_name(vault, component) if component else vault.name
    given = labels.of_component(vault, component) if component else labels.of_vault(vault)
    return {
        "apiVersion": API_VERSIONS[kind],
        "kind": kind,
        "metadata": {"name": name or named, "namespace": vault.namespace, "labels": given},
        **content,
    }
