"""NetworkPolicies: nothing may speak to anything, and then exactly what is needed."""

from typing import Any

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources import outside
from medvault_operator.resources.flows import Flow, flows
from medvault_operator.resources.objects import owned
from medvault_operator.vault import labels
from medvault_operator.vault.components import SERVICES, Component, managed
from medvault_operator.vault.installation import Network
from medvault_operator.vault.interface import API_PORT, PROBE_PORT
from medvault_operator.world.manifest import Manifest

_DNS = 53
Rule = dict[str, Any]


def network_policies(vault: MedicalVault, network: Network) -> list[Manifest]:
    """Return a policy that denies all, and one for each component that lets its flows through.

    The API's entrance has one of its own. kube-router looks through all rules of a policy that
    chooses a pod, whichever way they are meant: beside its way out, what lets everybody in to the
    API would let each API out to the others.
    """
    opened = flows(vault)
    components = (*SERVICES, Component.MIGRATE, Component.CONTRACT, *managed(vault))
    policies = (_policy(vault, network, component, opened) for component in components)
    return [_deny_all(vault), *policies, _entrance(vault, network)]


def _deny_all(vault: MedicalVault) -> Manifest:
    chosen = {labels.NAME: labels.APPLICATION, labels.INSTANCE: vault.name}
    return owned(
        "NetworkPolicy",
        vault,
        name=f"{vault.name}-default-deny",
        spec={"podSelector": {"matchLabels": chosen}, "policyTypes": ["Ingress", "Egress"]},
    )


def _policy(
    vault: MedicalVault, network: Network, component: Component, opened: list[Flow]
) -> Manifest:
    spec: Rule = {
        "podSelector": {"matchLabels": labels.selector(vault, component)},
        "policyTypes": ["Ingress", "Egress"],
    }
    if ingress := _ingress(vault, network, component, opened):
        spec["ingress"] = ingress
    if egress := _egress(vault, network, component, opened):
        spec["egress"] = egress
    return owned("NetworkPolicy", vault, component, spec=spec)


def _entrance(vault: MedicalVault, network: Network) -> Manifest:
    return owned(
        "NetworkPolicy",
        vault,
        Component.API,
        name=f"{vault.name}-api-entrance",
        spec={
            "podSelector": {"matchLabels": labels.selector(vault, Component.API)},
            "policyTypes": ["Ingress"],
            "ingress": _open(API_PORT, network.entrance or None),
        },
    )


def _ingress(
    vault: MedicalVault, network: Network, component: Component, opened: list[Flow]
) -> list[Rule]:
    """Return who may come in. A pod's own node always may, for its probes: plugins see to that."""
    if component is Component.INBOUND:
        return _open(PROBE_PORT, (*network.metrics, *network.operator, *network.scalers))
    if component in SERVICES:
        return _open(PROBE_PORT, network.metrics)
    peers: dict[int, list[Rule]] = {}
    for flow in opened:
        if flow.target is component:
            peers.setdefault(flow.port, []).append(_pods(vault, flow.source))
    return [{"from": given, "ports": _ports(port)} for port, given in peers.items()]


def _open(port: int, peers: tuple[Rule, ...] | None) -> list[Rule]:
    """Return the rule that lets peers in, none of them or, without a list, everybody."""
    if peers is None:
        return [{"ports": _ports(port)}]
    return [{"from": list(peers), "ports": _ports(port)}] if peers else []


def _egress(
    vault: MedicalVault, network: Network, component: Component, opened: list[Flow]
) -> list[Rule]:
    mine = dict.fromkeys(flow for flow in opened if flow.source is component)
    rules = [{"to": _peers(vault, flow), "ports": _ports(flow.port)} for flow in mine]
    return [_names(network), *rules] if rules else []


def _names(network: Network) -> Rule:
    """Return the way to the cluster's DNS, and to no other: a name can carry a secret out."""
    ports = [{"port": _DNS, "protocol": protocol} for protocol in ("UDP", "TCP")]
    return {"to": list(network.dns), "ports": ports}


def _peers(vault: MedicalVault, flow: Flow) -> list[Rule]:
    if flow.target:
        return [_pods(vault, flow.target)]
    if flow.address:
        return [{"ipBlock": {"cidr": flow.address}}]
    return outside.public() if flow.public else outside.anywhere()


def _pods(vault: MedicalVault, component: Component) -> Rule:
    return {"podSelector": {"matchLabels": labels.selector(vault, component)}}


def _ports(port: int) -> list[Rule]:
    return [{"port": port, "protocol": "TCP"}]
