"""What was observed of the cluster, as plain values: policies and builders see nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Manifest = dict[str, Any]
"""A Kubernetes object as JSON has it."""

SERVICE_MONITOR = "monitoring.coreos.com/ServiceMonitor"
HTTP_ROUTE = "gateway.networking.k8s.io/HTTPRoute"
CERTIFICATE = "cert-manager.io/Certificate"
OPTIONAL_APIS = (SERVICE_MONITOR, HTTP_ROUTE, CERTIFICATE)
"""Kinds that a cluster may serve or not."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A Secret: which keys it has, never their values; `version` changes with its content."""

    keys: frozenset[str]
    version: str


@dataclass(frozen=True, slots=True)
class StorageClass:
    """A StorageClass of the cluster."""

    name: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """A pod that can't go on.

    `reason` is the kubelet's or the scheduler's word (ImagePullBackOff, CrashLoopBackOff,
    Unschedulable, ...); `message` is what they say, or what the container left in its
    termination message.
    """

    component: str
    pod: str
    reason: str
    message: str = ""


class IdentityCheck(StrEnum):
    """Whether Meta tells the keys of identities, in the words of inbound's `/ready`.

    `UNTOLD` is none of those words: no pod is ready, or the one that was asked did not answer so.
    """

    ON = "on"
    OFF = "off"
    NOT_SEEN = "not known yet"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class World:
    """The cluster around one vault at one moment.

    `children` are the objects that the vault owns, by kind and name. `secrets` are those that the
    vault refers to or that were generated for it, by name, as far as they exist. `reports` are
    the termination messages of Jobs' pods, the newest of each Job, by the Job's name. `served` is a
    subset of `OPTIONAL_APIS`. `zones` are the values that the vault's zone key has on nodes.
    `identity_check` is nothing until an answer to the first question is there.
    """

    now: datetime
    children: Mapping[tuple[str, str], Manifest] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    served: frozenset[str] = frozenset()
    storage_classes: tuple[StorageClass, ...] = ()
    zones: frozenset[str] = frozenset()
    troubles: tuple[Trouble, ...] = ()
    reports: Mapping[str, str] = field(default_factory=dict)
    identity_check: IdentityCheck | None = None


def _namespace(name: str) -> Manifest:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def operator_of(namespace: str) -> Manifest:
    """Return the pods of the operator that the chart installs in a namespace, as such a peer."""
    chosen = {
        "app.kubernetes.io/name": "medvault-operator",
        "app.kubernetes.io/component": "operator",
    }
    return {**_namespace(namespace), "podSelector": {"matchLabels": chosen}}


@dataclass(frozen=True, slots=True)
class Network:
    """Where the cluster has what vaults' pods speak to, as peers of a NetworkPolicy.

    `dns` answers names: CoreDNS, and NodeLocal DNSCache where a cluster has it. Webhooks come from
    `entrance`, from anywhere if it is empty; metrics are read from `metrics`, by nobody if empty.
    `operator` asks inbound how it is.
    """

    dns: tuple[Manifest, ...] = (
        {**_namespace("kube-system"), "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}},
        {"ipBlock": {"cidr": "169.254.20.10/32"}},
    )
    entrance: tuple[Manifest, ...] = ()
    metrics: tuple[Manifest, ...] = (_namespace("monitoring"),)
    operator: tuple[Manifest, ...] = ()


@dataclass(frozen=True, slots=True)
class Installation:
    """What the operator was installed with."""

    services_image: str
    network: Network = field(default_factory=Network)
