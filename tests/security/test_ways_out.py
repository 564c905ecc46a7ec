"""An attacker who has taken over a vault's pod finds no way out with what the pod knows.

The ways are worked out on the policies that the operator applies, as a network plugin enforces
them; `tests/e2e/vault` tries them on a cluster. The control is the policies as they were: a
pod could ask any address for names, Meta could be anywhere, and a pod that reached anything also
reached the clouds' metadata.
"""

from collections.abc import Iterator
from copy import deepcopy
from itertools import product

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.components import Component
from support.attacks import Attacks
from support.kubernetes.chart import Manifest
from support.kubernetes.neighbours import PLACES, components, pods_of
from support.kubernetes.network import Place, reaches
from support.medical_vaults import VAULTS
from support.worlds import children

LISTENERS = {
    "another DNS by UDP": (PLACES["another DNS"], 53, "UDP"),
    "another DNS by TCP": (PLACES["another DNS"], 53, "TCP"),
    "a tunnel on the port of DNS": (PLACES["the internet"], 53, "UDP"),
    "a pod that calls itself DNS": (PLACES["a pod that calls itself DNS"], 53, "UDP"),
    "a neighbour on the port of DNS": (PLACES["a neighbour"], 53, "UDP"),
    "a server of the clinic": (PLACES["the clinic's network"], 443, "TCP"),
    "one by IPv6": (PLACES["the clinic's network by IPv6"], 443, "TCP"),
    "a pod of another namespace": (PLACES["a pod of another namespace"], 443, "TCP"),
    "the Kubernetes API": (Place(address="10.96.0.1"), 443, "TCP"),
    "the clouds' metadata": (PLACES["metadata"], 443, "TCP"),
    "EKS' identities": (PLACES["EKS' identities"], 443, "TCP"),
    "Azure's WireServer": (PLACES["Azure's WireServer"], 443, "TCP"),
}
METADATA = {PLACES[name].address for name in ("metadata", "EKS' identities", "Azure's WireServer")}
ENTERED = {
    "a worker's metrics": (Component.MEDIA, 9000),
    "another worker's metrics": (Component.INBOUND, 9000),
}
Attempt = tuple[Place, Place, int, str]
STRANGER = PLACES["a pod of another namespace"]


def policies(given: MedicalVault) -> list[Manifest]:
    return [one for one in children(given) if one["kind"] == "NetworkPolicy"]


def as_they_were(made: list[Manifest]) -> list[Manifest]:
    """The same flows, by their ports alone where they lead out of the vault."""
    former = deepcopy(made)
    for one in former:
        for rule in one["spec"].get("egress", ()):
            if "matchLabels" not in rule["to"][0].get("podSelector", {}) or _is_dns(rule):
                del rule["to"]
        for rule in one["spec"].get("ingress", ()):
            if "namespaceSelector" in rule.get("from", [{}])[0]:
                rule["from"] = [{"namespaceSelector": {}}]
    return former


def _is_dns(rule: Manifest) -> bool:
    return bool(rule["ports"][0]["port"] == 53)


def attempts(given: MedicalVault) -> Iterator[Attempt]:
    """From where to where, at which port; a store that is anywhere by HTTPS may be anywhere."""
    store = given.spec.storage.external
    with_store = (Component.MEDIA, Component.MIGRATE) if store and not store.endpoint_url else ()
    for source, (there, port, protocol) in product(components(given), LISTENERS.values()):
        if port == 53 or source not in with_store or there.address in METADATA:
            yield pods_of(given, source), there, port, protocol
    for target, port in ENTERED.values():
        yield STRANGER, pods_of(given, target), port, "TCP"


def test_nothing_gets_out_or_in_where_nothing_has_to(attacks: Attacks) -> None:
    tried = succeeded = control = 0
    for given in VAULTS.values():
        made = policies(given)
        former = as_they_were(made)
        for attempt in attempts(given):
            tried += 1
            succeeded += reaches(made, *attempt)
            control += reaches(former, *attempt)
    attacks.tried("ways_out", tried, succeeded, (tried, control))
    assert succeeded == 0
    assert control > tried / 3
