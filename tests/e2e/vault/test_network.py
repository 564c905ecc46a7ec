"""The NetworkPolicies that the operator applied let through what is on its list, and no more.

They are worked out here; `test_enforcement.py` tries them, where the cluster enforces any.
"""

from collections.abc import Callable
from itertools import product

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.flows import flows
from medvault_operator.vault.addresses import PORTS
from medvault_operator.vault.components import SERVICES, Component, managed
from medvault_operator.vault.interface import API_PORT, PROBE_PORT
from support.claims import NOT_HERE
from support.cluster.site import Clinic
from support.kubernetes.chart import Manifest
from support.kubernetes.neighbours import PLACES, components, leaves, pods_of
from support.kubernetes.network import Place, reaches

pytestmark = pytest.mark.timeout(1800)
ALL_PORTS = (*PORTS.values(), API_PORT, PROBE_PORT, 22, 53, 80, 443, 8090)


@pytest.fixture(scope="module")
def vault(clinic: Clinic) -> MedicalVault:
    """The vault as the operator reads it."""
    return MedicalVault.parse(clinic.vault.body())


@pytest.fixture(scope="module")
def policies(clinic: Clinic) -> list[Manifest]:
    """The policies in the cluster."""
    return clinic.vault.children("networkpolicies")


def is_meant(component: Component, port: int) -> bool:
    """Whether anybody may come in: the webhook."""
    return component is Component.API and port == API_PORT


def test_components_reach_each_other_exactly_as_listed(
    vault: MedicalVault, policies: list[Manifest], figures: Callable[..., None]
) -> None:
    parts = components(vault)
    listed = {(one.source, one.target, one.port) for one in flows(vault) if one.target}
    anywhere = {
        (one.source, one.port)
        for one in flows(vault)
        if not (one.target or one.address or one.public)
    }
    checked = 0
    for source, target, port in product(parts, parts, ALL_PORTS):
        goes_out = (source, port) in anywhere
        wanted = (source, target, port) in listed or (goes_out and is_meant(target, port))
        found = reaches(policies, pods_of(vault, source), pods_of(vault, target), port)
        assert found == wanted, f"{source} to {target}:{port}"
        checked += 1
    figures(how=NOT_HERE, checked=checked, open=len(listed))


def test_only_what_is_listed_leaves_the_vault(
    vault: MedicalVault, policies: list[Manifest], figures: Callable[..., None]
) -> None:
    left = 0
    for source, (name, there), port in product(components(vault), PLACES.items(), ALL_PORTS):
        wanted = leaves(vault, source, there, port)
        found = reaches(policies, pods_of(vault, source), there, port)
        assert found == wanted, f"{source} to {name} at {port}"
        left += found
    checked = len(components(vault)) * len(PLACES) * len(ALL_PORTS)
    figures(how=NOT_HERE, checked=checked, open=left)


def test_strangers_reach_the_api_and_nothing_else_of_the_vault(
    vault: MedicalVault, policies: list[Manifest], figures: Callable[..., None]
) -> None:
    neighbour = Place(vault.namespace, {"app.kubernetes.io/name": "neighbour"})
    parts = (*SERVICES, *managed(vault))
    for target, port in product(parts, ALL_PORTS):
        found = reaches(policies, neighbour, pods_of(vault, target), port)
        assert found == is_meant(target, port), f"a neighbour to {target}:{port}"
    figures(how=NOT_HERE, checked=len(parts) * len(ALL_PORTS))
