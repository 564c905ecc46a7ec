"""The policies, worked out as a plugin does, let through what the flows say: all of it, no more."""

from collections.abc import Iterator
from itertools import product

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.flows import flows
from medvault_operator.vault.addresses import PORTS
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.interface import API_PORT, PROBE_PORT
from medvault_operator.world.manifest import Manifest
from support.kubernetes.neighbours import DNS, PLACES, components, leaves, pods_of
from support.kubernetes.network import Place, reaches
from support.medical_vaults import LARGE, MANAGED, VAULTS, WHATSAPP, vault
from support.worlds import children

STAND_IN = {**WHATSAPP, "baseUrl": "http://simulator.test.svc:8090"}
ALL = {**VAULTS, "trial": vault({**MANAGED, "whatsapp": STAND_IN})}
ALL_PORTS = (*PORTS.values(), API_PORT, PROBE_PORT, 22, 53, 80, 443, 5671, 8090, 9000)
PROMETHEUS = PLACES["Prometheus"]
OPERATOR = PLACES["the operator"]


def policies(given: MedicalVault) -> list[Manifest]:
    return [one for one in children(given) if one["kind"] == "NetworkPolicy"]


def listens_to_all(target: Component, port: int) -> bool:
    return target is Component.API and port == API_PORT


@pytest.mark.parametrize("given", ALL.values(), ids=ALL)
def test_a_component_reaches_what_its_flows_name_and_nothing_else(given: MedicalVault) -> None:
    made, checked = policies(given), 0
    for source, (name, there), port in product(components(given), PLACES.items(), ALL_PORTS):
        wanted = leaves(given, source, there, port)
        assert reaches(made, pods_of(given, source), there, port) == wanted, (source, name, port)
        checked += 1
    assert checked > 1000


@pytest.mark.parametrize("given", ALL.values(), ids=ALL)
def test_components_reach_each_other_as_their_flows_say(given: MedicalVault) -> None:
    made, listed = policies(given), flows(given)
    inside = {(flow.source, flow.target, flow.port) for flow in listed}
    anywhere = {
        (flow.source, flow.port)
        for flow in listed
        if not (flow.target or flow.address or flow.public)
    }
    for source, target, port in product(components(given), components(given), ALL_PORTS):
        goes = (source, port) in anywhere and listens_to_all(target, port)
        wanted = (source, target, port) in inside or goes
        found = reaches(made, pods_of(given, source), pods_of(given, target), port)
        assert found == wanted, (source, target, port)


@pytest.mark.parametrize("given", ALL.values(), ids=ALL)
def test_strangers_reach_the_webhook_monitoring_the_metrics_and_the_operator_inbound(
    given: MedicalVault,
) -> None:
    made = policies(given)
    for target, (name, there), port in product(components(given), PLACES.items(), ALL_PORTS):
        metrics = target in SERVICES and port == PROBE_PORT
        asked = target is Component.INBOUND and port == PROBE_PORT and there == OPERATOR
        wanted = listens_to_all(target, port) or (metrics and there == PROMETHEUS) or asked
        found = reaches(made, there, pods_of(given, target), port)
        assert found == wanted, (name, target, port)


@pytest.mark.parametrize("protocol", ["UDP", "TCP"])
def test_names_are_asked_of_the_cluster_alone(protocol: str) -> None:
    given = ALL["trial"]
    answering = {name for name, there in PLACES.items() if asks(given, there, protocol)}
    assert answering == {DNS, "the node's DNS cache"}


def asks(given: MedicalVault, there: Place, protocol: str) -> bool:
    return reaches(policies(given), pods_of(given, Component.MEDIA), there, 53, protocol)


def test_metadata_are_reached_by_who_needs_an_identity_of_the_cloud_and_by_nobody_else() -> None:
    def asking(given: MedicalVault) -> Iterator[tuple[str, str]]:
        for source, name in product(components(given), ("metadata", "EKS' identities")):
            if reaches(policies(given), pods_of(given, source), PLACES[name], 80):
                yield source, name

    assert set(asking(vault(LARGE))) == set(
        product((Component.MEDIA, Component.MIGRATE), ("metadata", "EKS' identities"))
    )
    assert list(asking(ALL["trial"])) == []
