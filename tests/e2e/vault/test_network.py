"""The NetworkPolicies that the operator applied let through what is on its list, and no more.

Not every cluster enforces them, and kind's does not everywhere: they are worked out here.
"""

from collections.abc import Callable
from itertools import product

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.components import SERVICES, Component, managed
from medvault_operator.interface import API_PORT, PROBE_PORT
from medvault_operator.resources import labels
from medvault_operator.resources.addresses import PORTS
from medvault_operator.resources.flows import Flow, flows
from support.claims import NOT_HERE
from support.cluster.clinic import Clinic
from support.kubernetes.chart import Manifest
from support.kubernetes.network import Place, reaches

pytestmark = pytest.mark.timeout(1800)
ALL_PORTS = (*PORTS.values(), API_PORT, PROBE_PORT, 22, 443, 8090)
INTERNET = Place(address="203.0.113.9")


@pytest.fixture(scope="module")
def vault(clinic: Clinic) -> MedicalVault:
    """The vault as the operator reads it."""
    return MedicalVault.parse(clinic.vault.body())


@pytest.fixture(scope="module")
def policies(clinic: Clinic) -> list[Manifest]:
    """What is in the cluster."""
    return clinic.vault.children("networkpolicies")


def place(vault: MedicalVault, component: Component) -> Place:
    """A component's pods."""
    return Place(vault.namespace, labels.of_component(vault, component))


def is_meant(component: Component, port: int) -> bool:
    """Whether anybody in the cluster may come in: webhooks, metrics and probes."""
    own = (API_PORT, PROBE_PORT) if component is Component.API else (PROBE_PORT,)
    return component in SERVICES and port in own


def test_components_reach_each_other_exactly_as_listed(
    vault: MedicalVault, policies: list[Manifest], figures: Callable[..., None]
) -> None:
    parts = (*SERVICES, Component.MIGRATE, Component.CONTRACT, *managed(vault))
    listed = {(one.source, one.target, one.port) for one in flows(vault) if one.target}
    open_to_all = {(one.source, one.port) for one in flows(vault) if not one.target}
    checked = 0
    for source, target, port in product(parts, parts, ALL_PORTS):
        goes_out = (source, port) in open_to_all
        wanted = (source, target, port) in listed or (goes_out and is_meant(target, port))
        found = reaches(policies, place(vault, source), place(vault, target), port)
        assert found == wanted, f"{source} to {target}:{port}"
        checked += 1
    figures(how=NOT_HERE, checked=checked, open=len(listed))


def test_only_what_speaks_to_meta_leaves_the_vault(
    vault: MedicalVault, policies: list[Manifest], figures: Callable[..., None]
) -> None:
    parts = (*SERVICES, Component.MIGRATE, Component.CONTRACT, *managed(vault))
    out = {flow for flow in flows(vault) if not flow.target}
    for source, port in product(parts, ALL_PORTS):
        found = reaches(policies, place(vault, source), INTERNET, port)
        assert found == (Flow(source, port) in out), f"{source} to the world at {port}"
    figures(how=NOT_HERE, checked=len(parts) * len(ALL_PORTS), open=len(out))


def test_strangers_reach_the_api_and_nothing_else_of_the_vault(
    vault: MedicalVault, policies: list[Manifest], figures: Callable[..., None]
) -> None:
    neighbour = Place(vault.namespace, {"app.kubernetes.io/name": "neighbour"})
    parts = (*SERVICES, *managed(vault))
    for target, port in product(parts, ALL_PORTS):
        found = reaches(policies, neighbour, place(vault, target), port)
        assert found == is_meant(target, port), f"a neighbour to {target}:{port}"
    figures(how=NOT_HERE, checked=len(parts) * len(ALL_PORTS))
