"""Objects of an intruder with the operator's account: parts of a vault with one thing wrong.

Every one is a request that the API server would carry out, were the account's rights wide enough.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from support.kubernetes.impersonation import Call, Manifest, collection

PLURALS = {
    "ConfigMap": "configmaps",
    "Deployment": "deployments",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers",
    "HTTPRoute": "httproutes",
    "Ingress": "ingresses",
    "Job": "jobs",
    "NetworkPolicy": "networkpolicies",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "ScaledObject": "scaledobjects",
    "Secret": "secrets",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
    "ServiceMonitor": "servicemonitors",
    "StatefulSet": "statefulsets",
}
Edit = Callable[[Manifest], Any]


def creation(part: Manifest, plural: str = "") -> Call:
    """Return the request that makes an object."""
    return Call("POST", collection(part, plural or PLURALS[part["kind"]]), part)


def application(part: Manifest) -> Call:
    """Return the request by which the operator makes or mends an object."""
    path = collection(part, PLURALS[part["kind"]])
    return Call("PATCH", f"{path}/{part['metadata']['name']}", part)


def _pod(part: Manifest) -> Manifest:
    found: Manifest = part["spec"]["template"]["spec"]
    return found


def _first(part: Manifest) -> Manifest:
    found: Manifest = _pod(part)["containers"][0]
    return found


def _volume(**source: Any) -> Edit:
    def edit(part: Manifest) -> None:
        _pod(part)["volumes"].append({"name": "more", **source})
        _first(part)["volumeMounts"].append({"name": "more", "mountPath": "/more"})

    return edit


def _spec(**more: Any) -> Edit:
    return lambda part: _pod(part).update(more)


def _container(**more: Any) -> Edit:
    return lambda part: _first(part).update(more)


def _security(**more: Any) -> Edit:
    return lambda part: _first(part)["securityContext"].update(more)


def _env(**variable: Any) -> Edit:
    return lambda part: _first(part)["env"].append(variable)


def _metadata(**more: Any) -> Edit:
    return lambda part: part["metadata"].update(more)


def _owner(**more: Any) -> Edit:
    return lambda part: part["metadata"]["ownerReferences"][0].update(more)


def _top(**more: Any) -> Edit:
    return lambda part: part.update(more)


def _inner(**more: Any) -> Edit:
    return lambda part: part["spec"].update(more)


def _trigger(**more: Any) -> Edit:
    return lambda part: part["spec"]["triggers"][0].update(more)


def _target(**more: Any) -> Edit:
    return lambda part: part["spec"]["scaleTargetRef"].update(more)


def _backend(part: Manifest) -> Manifest:
    found: Manifest = part["spec"]["rules"][0]["http"]["paths"][0]
    return found


_FOREIGN = {
    "name": "foreign",
    "image": "ghcr.io/medvault/services:0.1.0",
    "command": ["sh"],
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    },
}
_HOOK = {"exec": {"command": ["sh", "-c", "id"]}}
_TOKEN = {"serviceAccountToken": {"path": "token"}}
POD_EDITS: dict[str, Edit] = {
    "without its labels": lambda part: part["metadata"].pop("labels"),
    "without an owner": lambda part: part["metadata"].pop("ownerReferences"),
    "owned by something else": _owner(apiVersion="apps/v1", kind="ReplicaSet"),
    "owned by a vault of another time": _owner(uid="5b9c4f4e-0000-4000-8000-000000000000"),
    "owned and not controlled": _owner(controller=False),
    "under another name": _metadata(name="kube-proxy"),
    "in a namespace of Kubernetes'": _metadata(namespace="kube-system"),
    "with an image of somebody else's": _container(image="registry.example/miner:1"),
    "with an image that begins like ours": _container(image="ghcr.io/medvault/services-x:1"),
    "with a first container of somebody else's": _spec(initContainers=[_FOREIGN]),
    "with a second container": lambda part: _pod(part)["containers"].append(_FOREIGN),
    "with the node's network": _spec(hostNetwork=True),
    "with the node's processes": _spec(hostPID=True),
    "with the node's memory": _spec(hostIPC=True),
    "with a port of the node": _container(
        ports=[{"name": "http", "containerPort": 9000, "hostPort": 9000}]
    ),
    "with a folder of the node": _volume(hostPath={"path": "/"}),
    "with another's volume": _volume(persistentVolumeClaim={"claimName": "others"}),
    "with a volume of a driver": _volume(csi={"driver": "secrets-store.csi.k8s.io"}),
    "with another's Secret": _volume(secret={"secretName": "payroll"}),
    "with another's Secret among its own": _volume(
        projected={"sources": [{"secret": {"name": "payroll"}}]}
    ),
    "with another's settings": _volume(configMap={"name": "kube-root-ca.crt"}),
    "with a token by the back door": _volume(projected={"sources": [_TOKEN]}),
    "with a token": _spec(automountServiceAccountToken=True),
    "with another account": _spec(serviceAccountName="cluster-admin"),
    "with another's Secret in a variable": _env(
        name="MEDVAULT_X", valueFrom={"secretKeyRef": {"name": "payroll", "key": "password"}}
    ),
    "with another's Secret as variables": _container(envFrom=[{"secretRef": {"name": "payroll"}}]),
    "with a library of its own": _env(name="LD_PRELOAD", value="/tmp/evil.so"),
    "with another command": _container(command=["python", "-c", "import os"]),
    "with other arguments": _container(args=["simulator"]),
    "with a command at its start": _container(lifecycle={"postStart": _HOOK}),
    "with a command as a probe": _container(livenessProbe=_HOOK),
    "privileged": _security(privileged=True, allowPrivilegeEscalation=True),
    "that may gain rights": _security(allowPrivilegeEscalation=True),
    "with a capability": _security(capabilities={"drop": ["ALL"], "add": ["NET_ADMIN"]}),
    "as root": _security(runAsNonRoot=False, runAsUser=0),
    "that writes its image": _security(readOnlyRootFilesystem=False),
    "without seccomp": lambda part: _pod(part)["securityContext"].pop("seccompProfile"),
    "outside of its network policies": lambda part: part["spec"].update(
        selector={"matchLabels": {"a": "b"}},
        template={**part["spec"]["template"], "metadata": {"labels": {"a": "b"}}},
    ),
    "on a node of its choice": _spec(nodeName="control-plane"),
    "with all processes in one": _spec(shareProcessNamespace=True),
    "with names of its own": _spec(hostAliases=[{"ip": "192.0.2.1", "hostnames": ["a.test"]}]),
    "with a DNS of its own": _spec(dnsPolicy="None", dnsConfig={"nameservers": ["192.0.2.53"]}),
}
"""Edits of a worker's Deployment."""

EDITS: dict[str, tuple[str, Edit]] = {
    "a Secret of another name": ("Secret", _metadata(name="payroll")),
    "a Secret that becomes a token": (
        "Secret",
        lambda part: part.update(
            type="kubernetes.io/service-account-token",
            metadata={
                **part["metadata"],
                "annotations": {"kubernetes.io/service-account.name": "default"},
            },
        ),
    ),
    "a Secret of another type": (
        "Secret",
        _top(type="bootstrap.kubernetes.io/token"),
    ),
    "an account with a token": ("ServiceAccount", _top(automountServiceAccountToken=True)),
    "an account of another name": ("ServiceAccount", _metadata(name="cluster-admin")),
    "a Service on every node": ("Service", _inner(type="NodePort")),
    "a Service on the internet": ("Service", _inner(type="LoadBalancer")),
    "a Service with others' addresses": ("Service", _inner(externalIPs=["192.0.2.1"])),
    "a Service to other pods": ("Service", _inner(selector={"app": "bank"})),
    "a Service without pods": ("Service", lambda part: part["spec"].pop("selector")),
    "a policy for all pods": ("NetworkPolicy", _inner(podSelector={})),
    "a budget for all pods": ("PodDisruptionBudget", _inner(selector={})),
    "an Ingress to another Service": (
        "Ingress",
        lambda part: _backend(part).update(
            backend={"service": {"name": "bank", "port": {"number": 80}}}
        ),
    ),
    "an Ingress to all paths": (
        "Ingress",
        lambda part: _backend(part).update(path="/", pathType="Prefix"),
    ),
    "an Ingress for all else": (
        "Ingress",
        _inner(defaultBackend={"service": {"name": "bank", "port": {"number": 80}}}),
    ),
    "a route into another namespace": (
        "HTTPRoute",
        lambda part: part["spec"]["rules"][0]["backendRefs"][0].update(namespace="bank"),
    ),
    "a route to another path": (
        "HTTPRoute",
        lambda part: part["spec"]["rules"][0]["matches"][0]["path"].update(value="/"),
    ),
    "a monitor of all namespaces": ("ServiceMonitor", _inner(namespaceSelector={"any": True})),
    "a monitor that reads a file": (
        "ServiceMonitor",
        lambda part: part["spec"]["endpoints"][0].update(bearerTokenFile="/token"),
    ),
    "an autoscaler of another's Deployment": ("HorizontalPodAutoscaler", _target(name="bank")),
    "an autoscaler of a StatefulSet": ("HorizontalPodAutoscaler", _target(kind="StatefulSet")),
    "KEDA for another's Deployment": ("ScaledObject", _target(name="bank")),
    "KEDA with another's credential": (
        "ScaledObject",
        _trigger(authenticationRef={"name": "payroll"}),
    ),
    "KEDA by another's figures": (
        "ScaledObject",
        lambda part: part["spec"]["triggers"][0]["metadata"].update(url="http://bank.bank.svc/"),
    ),
    "KEDA by something else": ("ScaledObject", _trigger(type="cron")),
    "another volume": (
        "StatefulSet",
        lambda part: part["spec"]["volumeClaimTemplates"].append(
            {**part["spec"]["volumeClaimTemplates"][0], "metadata": {"name": "more"}}
        ),
    ),
    "settings in a namespace of Kubernetes'": ("ConfigMap", _metadata(namespace="kube-system")),
}
"""Edits of other parts."""


def edited(part: Manifest, edit: Edit) -> Call:
    """Return the request that makes a part with one thing wrong."""
    wrong = deepcopy(part)
    edit(wrong)
    return creation(wrong)
