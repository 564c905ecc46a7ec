"""The neighbours of a vault: places that its pods may reach or not, and what its flows say of them.

`allowed` reads flows and nothing of the policies, so that each is held against the other.
"""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.flows import Flow, flows
from medvault_operator.vault import labels
from medvault_operator.vault.components import SERVICES, Component, managed
from support.kubernetes.network import Place

DNS = "the cluster's DNS"
PLACES = {
    DNS: Place("kube-system", {"k8s-app": "kube-dns"}),
    "another pod of kube-system": Place("kube-system", {"k8s-app": "metrics-server"}),
    "a pod that calls itself DNS": Place("elsewhere", {"k8s-app": "kube-dns"}),
    "a neighbour": Place("clinics", {"app.kubernetes.io/name": "neighbour"}),
    "a pod of another namespace": Place("elsewhere", {"app.kubernetes.io/name": "medvault"}),
    "Prometheus": Place("monitoring", {"app.kubernetes.io/name": "prometheus"}),
    "the operator": Place(
        "medvault-system",
        {"app.kubernetes.io/name": "medvault-operator", "app.kubernetes.io/component": "operator"},
    ),
    "a neighbour of the operator": Place("medvault-system", {"app.kubernetes.io/name": "other"}),
    "the node's DNS cache": Place(address="169.254.20.10"),
    "the internet": Place(address="203.0.113.9"),
    "the internet by IPv6": Place(address="2001:db8::9"),
    "another DNS": Place(address="9.9.9.9"),
    "the clinic's network": Place(address="10.20.30.40"),
    "the clinic's network by IPv6": Place(address="fd12:3456::1"),
    "metadata": Place(address="169.254.169.254"),
    "EKS' identities": Place(address="169.254.170.23"),
    "EC2's metadata by IPv6": Place(address="fd00:ec2::254"),
    "Azure's WireServer": Place(address="168.63.129.16"),
}
_METADATA = {"169.254.169.254", "169.254.170.23", "fd00:ec2::254", "168.63.129.16"}
_PUBLIC = {"203.0.113.9", "2001:db8::9", "9.9.9.9"}
_CACHES = {"169.254.20.10"}


def components(vault: MedicalVault) -> tuple[Component, ...]:
    """Return all parts of a vault that have pods."""
    return (*SERVICES, Component.MIGRATE, Component.CONTRACT, *managed(vault))


def pods_of(vault: MedicalVault, component: Component) -> Place:
    """Return where a component's pods are."""
    return Place(vault.namespace, labels.of_component(vault, component))


def leaves(vault: MedicalVault, source: Component, place: Place, port: int) -> bool:
    """Tell whether a flow leads from a component to what is none of the vault's own pods."""
    mine = [flow for flow in flows(vault) if flow.source is source]
    if port == 53:
        return bool(mine) and (place == PLACES[DNS] or _is(place, _CACHES))
    return any(_leads(flow, place) for flow in mine if flow.port == port)


def _leads(flow: Flow, place: Place) -> bool:
    if flow.target:
        return False
    if flow.address:
        return not place.namespace and ip_address(place.address) in ip_network(flow.address)
    if flow.public:
        return _is(place, _PUBLIC)
    return not _is(place, _METADATA | _CACHES)


def _is(place: Place, addresses: Iterable[str]) -> bool:
    return not place.namespace and place.address in addresses
