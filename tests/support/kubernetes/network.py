"""The traffic that NetworkPolicies let through, worked out as a network plugin does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from support.kubernetes.chart import Manifest

_NAME = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Place:
    """A pod, or with an address alone something outside of the cluster."""

    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    address: str = "198.51.100.7"


def reaches(
    policies: list[Manifest], source: Place, target: Place, port: int, protocol: str = "TCP"
) -> bool:
    """Tell whether a connection is let out at its source and in at its target."""
    out = _passes(policies, "Egress", source, target, target, port, protocol)
    return out and _passes(policies, "Ingress", target, source, target, port, protocol)


def _passes(
    policies: list[Manifest],
    direction: str,
    here: Place,
    there: Place,
    target: Place,
    port: int,
    protocol: str,
) -> bool:
    selecting = [
        one["spec"]
        for one in policies
        if direction in one["spec"]["policyTypes"]
        and here.namespace == one["metadata"]["namespace"]
        and _matches(one["spec"]["podSelector"], here.labels)
    ]
    side = "from" if direction == "Ingress" else "to"
    return not selecting or any(
        _is_peer(rule.get(side), there, here)
        and _is_port(rule.get("ports"), target, port, protocol)
        for spec in selecting
        for rule in spec.get(direction.lower(), [])
    )


def _is_peer(peers: list[dict[str, Any]] | None, there: Place, here: Place) -> bool:
    return not peers or any(_is_one(peer, there, here) for peer in peers)


def _is_one(peer: dict[str, Any], there: Place, here: Place) -> bool:
    if block := peer.get("ipBlock"):
        address = ip_address(there.address)
        excluded = any(address in ip_network(one) for one in block.get("except", []))
        return not there.namespace and address in ip_network(block["cidr"]) and not excluded
    if selector := peer.get("namespaceSelector"):
        near = _matches(selector, {_NAME: there.namespace})
    else:
        near = there.namespace == here.namespace or "namespaceSelector" in peer
    return bool(there.namespace) and near and _matches(peer.get("podSelector", {}), there.labels)


def _is_port(ports: list[dict[str, Any]] | None, target: Place, port: int, protocol: str) -> bool:
    return not ports or any(
        one.get("protocol", "TCP") == protocol
        and ("port" not in one or target.ports.get(one["port"], one["port"]) == port)
        for one in ports
    )


def _matches(selector: dict[str, Any], labels: Mapping[str, str]) -> bool:
    wanted: dict[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= labels.items() and all(
        _meets(one, labels) for one in selector.get("matchExpressions", [])
    )


def _meets(expression: dict[str, Any], labels: Mapping[str, str]) -> bool:
    value = labels.get(expression["key"])
    values = expression.get("values", [])
    met: dict[str, bool] = {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }
    return met[expression["operator"]]
