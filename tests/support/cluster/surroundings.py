"""Everything around a vault that listens, and every pod of it that may try to get there."""

from dataclasses import dataclass
from typing import Any

from medvault_operator.vault import labels
from medvault_operator.vault.addresses import PORTS
from medvault_operator.vault.interface import API_PORT, PROBE_PORT
from support.cluster.knocking import Target
from support.cluster.objects import listed
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.network import Place

KUBELET, OPERATOR_PORT, SIMULATOR_PORT = 10250, 8080, 8090
DNS_PORTS = (("UDP", 53), ("TCP", 53), ("TCP", 9153))


@dataclass(frozen=True)
class Host:
    """Something that listens: how it is reached, and what policies see of it."""

    name: str
    target: Target
    place: Place
    of_vault: bool = False


@dataclass(frozen=True)
class Seen:
    """A pod: its name, its node's address, and what policies see of it."""

    name: str
    component: str
    node: str
    place: Place

    @property
    def address(self) -> str:
        """Where it is."""
        return self.place.address


def seen(kubectl: Kubectl, selector: str = "") -> list[Seen]:
    """Return the pods that run in a namespace."""
    return [
        Seen(
            one["metadata"]["name"],
            one["metadata"].get("labels", {}).get(labels.COMPONENT, ""),
            one["status"]["hostIP"],
            _place(one),
        )
        for one in listed(kubectl, "pods", selector)
        if one["status"].get("phase") == "Running" and "deletionTimestamp" not in one["metadata"]
    ]


def hosts_of_vault(pods: list[Seen]) -> list[Host]:
    """Return what listens in a vault's pods."""
    ports: dict[str, tuple[int, ...]] = {
        str(component): (port,) for component, port in PORTS.items()
    }
    ports |= dict.fromkeys(("inbound", "media", "outbound"), (PROBE_PORT,))
    ports |= {"api": (API_PORT, PROBE_PORT)}
    return [
        Host(f"{one.name}:{port}", _target(one, port), one.place, True)
        for one in pods
        for port in ports.get(one.component, ())
    ]


def hosts_of_cluster(kubectl: Kubectl, system: Kubectl, operator: Kubectl) -> list[Host]:
    """Return DNS, the operator, the simulator, the API server and every node's kubelet."""
    found = [
        Host(f"{one.name}:{port}/{protocol}", _target(one, port, protocol), one.place)
        for one in seen(system, "k8s-app=kube-dns")
        for protocol, port in DNS_PORTS
    ]
    for pods, port in (
        (seen(operator, f"{labels.COMPONENT}=operator"), OPERATOR_PORT),
        (seen(kubectl, f"{labels.NAME}=simulator"), SIMULATOR_PORT),
    ):
        found += [Host(f"{one.name}:{port}", _target(one, port), one.place) for one in pods]
    for node in listed(kubectl, "nodes"):
        (address,) = [
            one["address"] for one in node["status"]["addresses"] if one["type"] == "InternalIP"
        ][:1]
        ports = [KUBELET]
        if "node-role.kubernetes.io/control-plane" in node["metadata"]["labels"]:
            ports.append(6443)
        name = node["metadata"]["name"]
        found += [
            Host(f"{name}:{port}", Target(address, port), Place(address=address)) for port in ports
        ]
    return found


def _target(pod: Seen, port: int, protocol: str = "TCP") -> Target:
    return Target(pod.address, port, protocol)


def _place(pod: dict[str, Any]) -> Place:
    metadata = pod["metadata"]
    ports = {
        port["name"]: port["containerPort"]
        for container in pod["spec"]["containers"]
        for port in container.get("ports", ())
        if "name" in port
    }
    return Place(
        metadata["namespace"], metadata.get("labels", {}), ports, pod["status"].get("podIP", "")
    )
