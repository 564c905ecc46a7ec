"""The options with which the operator was installed."""

from dataclasses import dataclass, field

from medvault_operator.world.manifest import Manifest


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
    """The surroundings of vaults' pods, as peers of a NetworkPolicy.

    `dns` answers names: CoreDNS, and NodeLocal DNSCache where a cluster has it. Webhooks come from
    `entrance`, from anywhere if it is empty; metrics are read from `metrics`, by nobody if empty.
    `operator` asks inbound how it is. The `scalers` of workers ask inbound for the depths
    of queues.
    """

    dns: tuple[Manifest, ...] = (
        {**_namespace("kube-system"), "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}},
        {"ipBlock": {"cidr": "169.254.20.10/32"}},
    )
    entrance: tuple[Manifest, ...] = ()
    metrics: tuple[Manifest, ...] = (_namespace("monitoring"),)
    operator: tuple[Manifest, ...] = ()
    scalers: tuple[Manifest, ...] = (_namespace("keda"),)


@dataclass(frozen=True, slots=True)
class Installation:
    """The options with which the operator was installed.

    `external_metrics` is the Service that serves `medvault_work` as an external metric, as
    `namespace/name`, empty where there is none.
    """

    services_image: str
    network: Network = field(default_factory=Network)
    external_metrics: str = ""
