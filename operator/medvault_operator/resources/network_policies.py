"""NetworkPolicies: nothing may speak to anything, and then exactly what is needed."""

from typing import Any

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.components import SERVICES, Component, managed
from medvault_operator.interface import API_PORT, PROBE_PORT
from medvault_operator.resources import labels
from medvault_operator.resources.flows import Flow, flows
from medvault_operator.resources.objects import owned
from medvault_operator.world import Manifest

_DNS = 53
Rule = dict[str, Any]


def network_policies(vault: MedicalVault) -> list[Manifest]:
    """Return a policy that denies all, and one for each component that lets its flows through."""
    opened = flows(vault)
    components = (*SERVICES, Component.MIGRATE, Component.CONTRACT, *managed(vault))
    return [_deny_all(vault), *(_policy(vault, component, opened) for component in components)]


def _deny_all(vault: MedicalVault) -> Manifest:
    chosen = {labels.NAME: labels.APPLICATION, labels.INSTANCE: vault.name}
    return owned(
        "NetworkPolicy",
        vault,
        name=f"{vault.name}-default-deny",
        spec={"podSelector": {"matchLabels": chosen}, "policyTypes": ["Ingress", "Egress"]},
    )


def _policy(vault: MedicalVault, component: Component, opened: list[Flow]) -> Manifest:
    spec: Rule = {
        "podSelector": {"matchLabels": labels.selector(vault, component)},
        "policyTypes": ["Ingress", "Egress"],
    }
    if ingress := _ingress(vault, component, opened):
        spec["ingress"] = ingress
    if egress := _egress(vault, component, opened):
        spec["egress"] = egress
    return owned("NetworkPolicy", vault, component, spec=spec)


def _ingress(vault: MedicalVault, component: Component, opened: list[Flow]) -> list[Rule]:
    """Return who may come in; where the entrance's and Prometheus' pods are is not known here."""
    if component is Component.API:
        return [{"ports": _ports(API_PORT)}, _measured()]
    if component in SERVICES:
        return [_measured()]
    peers: dict[int, list[Rule]] = {}
    for flow in opened:
        if flow.target is component:
            peers.setdefault(flow.port, []).append(_pods(vault, flow.source))
    return [{"from": given, "ports": _ports(port)} for port, given in peers.items()]


def _measured() -> Rule:
    return {"from": [{"namespaceSelector": {}}], "ports": _ports(PROBE_PORT)}


def _egress(vault: MedicalVault, component: Component, opened: list[Flow]) -> list[Rule]:
    mine = dict.fromkeys(flow for flow in opened if flow.source is component)
    rules = [_outgoing(vault, flow) for flow in mine]
    return [_names(), *rules] if rules else []


def _names() -> Rule:
    """Return the way to the cluster's DNS, wherever that is."""
    return {"ports": [{"port": _DNS, "protocol": protocol} for protocol in ("UDP", "TCP")]}


def _outgoing(vault: MedicalVault, flow: Flow) -> Rule:
    rule: Rule = {"ports": _ports(flow.port)}
    if flow.target:
        rule["to"] = [_pods(vault, flow.target)]
    if flow.address:
        rule["to"] = [{"ipBlock": {"cidr": flow.address}}]
    return rule


def _pods(vault: MedicalVault, component: Component) -> Rule:
    return {"podSelector": {"matchLabels": labels.selector(vault, component)}}


def _ports(port: int) -> list[Rule]:
    return [{"port": port, "protocol": "TCP"}]
