"""Requests for what is no part of a vault at all, and for what belongs to somebody else."""

from collections.abc import Mapping
from typing import Any

from support.kubernetes.impersonation import Call, Manifest, collection
from support.kubernetes.intrusions import creation

RBAC = "rbac.authorization.k8s.io/v1"
ADMIN = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
RULES = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]


def _named(kind: str, version: str, namespace: str = "", **content: Any) -> Manifest:
    metadata = {"name": "intruder"} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **content}


def foreign(deployment: Manifest) -> Manifest:
    """Return a Deployment that the operator has nothing to do with."""
    metadata = {"name": "bank", "namespace": deployment["metadata"]["namespace"]}
    return {**deployment, "metadata": metadata}


def trespasses(deployment: Manifest) -> Mapping[str, Call]:
    """Return the requests by name, around a Deployment of a vault; `foreign` is there."""
    here = deployment["metadata"]["namespace"]
    pod = deployment["spec"]["template"]
    labels = pod["metadata"]
    selected = {"selector": {"matchLabels": labels["labels"]}, "template": pod}
    bank = foreign(deployment)
    path = f"{collection(bank, 'deployments')}/bank"
    mine = {**bank, "metadata": {**bank["metadata"], "labels": deployment["metadata"]["labels"]}}
    taken = {**mine, "metadata": {**deployment["metadata"], "name": "bank"}}
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": here}
    bound: Manifest = {"roleRef": ADMIN, "subjects": [subject]}
    job = {"template": {**pod, "spec": {**pod["spec"], "restartPolicy": "Never"}}}
    vault = {
        "phoneNumberId": "106540352242922",
        "secretRef": {"name": "payroll"},
    }
    names = ("database", "broker", "storage", "scanner")
    parts: Manifest = {name: {"managed": {}} for name in names}
    made = {
        "a Role": (_named("Role", RBAC, here, rules=RULES), "roles"),
        "a RoleBinding": (_named("RoleBinding", RBAC, here, **bound), "rolebindings"),
        "a ClusterRole": (_named("ClusterRole", RBAC, rules=RULES), "clusterroles"),
        "a ClusterRoleBinding": (
            _named("ClusterRoleBinding", RBAC, **bound),
            "clusterrolebindings",
        ),
        "a Pod": (
            {**_named("Pod", "v1", here), "metadata": {**labels, "name": "i", "namespace": here},
             "spec": pod["spec"]},
            "pods",
        ),
        "a DaemonSet": (_named("DaemonSet", "apps/v1", here, spec=selected), "daemonsets"),
        "a CronJob": (
            _named("CronJob", "batch/v1", here,
                   spec={"schedule": "* * * * *", "jobTemplate": {"spec": job}}),
            "cronjobs",
        ),
        "a Namespace": (_named("Namespace", "v1"), "namespaces"),
        "a volume of a node": (
            _named("PersistentVolume", "v1",
                   spec={"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
                         "hostPath": {"path": "/"}}),
            "persistentvolumes",
        ),
        "a vault": (
            _named("MedicalVault", "medvault.dev/v1alpha1", here,
                   spec={"whatsapp": vault, **parts}),
            "medicalvaults",
        ),
        "another Lease": (
            _named("Lease", "coordination.k8s.io/v1", here, spec={}),
            "leases",
        ),
        "a kind": (
            {
                "apiVersion": "apiextensions.k8s.io/v1",
                "kind": "CustomResourceDefinition",
                "metadata": {"name": "things.example.org"},
                "spec": {
                    "group": "example.org",
                    "scope": "Namespaced",
                    "names": {"plural": "things", "kind": "Thing"},
                    "versions": [
                        {"name": "v1", "served": True, "storage": True,
                         "schema": {"openAPIV3Schema": {"type": "object"}}}
                    ],
                },
            },
            "customresourcedefinitions",
        ),
    }  # fmt: skip
    return {
        **{name: creation(one, plural) for name, (one, plural) in made.items()},
        "a token of an account": Call(
            "POST",
            f"/api/v1/namespaces/{here}/serviceaccounts/default/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}},
        ),
        "a change of another's Deployment": Call("PATCH", path, taken),
        "the end of another's Deployment": Call("DELETE", path),
        "more of another's Deployment": Call(
            "PUT",
            f"{path}/scale",
            {
                "apiVersion": "autoscaling/v1",
                "kind": "Scale",
                "metadata": {"name": "bank", "namespace": here},
                "spec": {"replicas": 0},
            },
        ),
    }
