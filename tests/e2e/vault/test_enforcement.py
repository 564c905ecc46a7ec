"""From every pod of the vault each host that a policy forbids is tried, and refused.

Where the cluster's network enforces no policies this claims nothing, and says so.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import product

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault import labels
from medvault_operator.vault.components import SERVICES, Component
from support.claims import NOT_HERE
from support.cluster import knocking
from support.cluster.knocking import Target
from support.cluster.objects import Manifest, listed
from support.cluster.operator import InstalledOperator
from support.cluster.site import Clinic
from support.cluster.surroundings import Host, Seen, hosts_of_cluster, hosts_of_vault, seen
from support.kubernetes import cluster
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.network import Place, reaches

pytestmark = pytest.mark.timeout(600)
JOBS = (Component.MIGRATE, Component.CONTRACT)
STRANGER = Place("elsewhere", {"app": "stranger"})
OTHERS = (53, 443)
"""Ports of a pod that has nothing to do with the vault: where keys would be carried out."""


@dataclass(frozen=True)
class Scene:
    """The vault's pods, all that listens around them, and the policies in between."""

    pods: list[Seen]
    hosts: list[Host]
    policies: list[Manifest]
    outcomes: dict[tuple[str, str], bool]
    free: dict[str, bool]

    @property
    def enforced(self) -> bool:
        """Whether a stranger is kept from the vault's database."""
        databases = [one.name for one in self.hosts if "-database-" in one.name]
        return bool(databases) and not any(self.free[name] for name in databases)

    def allowed(self, pod: Seen, host: Host) -> bool:
        """Whether the policies let a connection through."""
        target = host.target
        return reaches(self.policies, pod.place, host.place, target.port, target.protocol)

    def tried(self) -> Iterator[tuple[Seen, Host, bool]]:
        """Every pair, and whether it came about; a pod and its own node are never kept apart.

        The node of a Job's pod is not known.
        """
        for pod, host in product(self.pods, self.hosts):
            own = host.target.host in (pod.node, pod.address)
            unknown = not pod.node and not host.place.namespace
            if not (own or unknown):
                yield pod, host, self.outcomes[pod.name, host.name]


@pytest.fixture(scope="module")
def stranger(clinic: Clinic) -> Iterator[Kubectl]:
    """A namespace that no policy is about."""
    with cluster.namespace(replace(clinic.kubectl, namespace="default")) as found:
        yield found


@pytest.fixture(scope="module")
def scene(clinic: Clinic, operator: InstalledOperator, stranger: Kubectl) -> Scene:
    """All is tried at once."""
    vault, image = MedicalVault.parse(clinic.vault.body()), operator.services.name
    kubectl = clinic.kubectl
    mine = seen(kubectl, f"{labels.NAME}={labels.APPLICATION},{labels.INSTANCE}={vault.name}")
    mine = [one for one in mine if one.component and one.component not in JOBS]
    hosts = [
        *hosts_of_vault(mine),
        *hosts_of_cluster(kubectl, replace(kubectl, namespace="kube-system"), operator.kubectl),
        *listening(stranger, image),
    ]
    targets = [one.target for one in hosts]
    jobs = [
        Seen(one, one, "", Place(vault.namespace, labels.selector(vault, one), address=one))
        for one in JOBS
    ]

    def outcome(pod: Seen) -> list[bool]:
        if pod.component in JOBS:
            return knocking.alone(kubectl, image, dict(pod.place.labels), targets)
        if pod.component in SERVICES:
            return knocking.inside(kubectl, pod.name, targets)
        return knocking.beside(kubectl, pod.name, image, targets)

    with ThreadPoolExecutor(8) as pool:
        free = pool.submit(knocking.alone, stranger, image, {"app": "stranger"}, targets)
        found = list(pool.map(outcome, pods := [*mine, *jobs]))
    outcomes = {
        (pod.name, host.name): came
        for pod, row in zip(pods, found, strict=True)
        for host, came in zip(hosts, row, strict=True)
    }
    policies = [*listed(kubectl, "networkpolicies"), *listed(operator.kubectl, "networkpolicies")]
    names = (one.name for one in hosts)
    return Scene(pods, hosts, policies, outcomes, dict(zip(names, free.result(), strict=True)))


def listening(stranger: Kubectl, image: str) -> list[Host]:
    """A pod of somebody else's that takes whatever comes."""
    given = {"app": "listener"}
    ports = [str(port) for port in OTHERS]
    pod = knocking.start(stranger, image, given, ["python", "-c", knocking.LISTEN, *ports])
    address = knocking.address(stranger, pod)
    place = Place(stranger.namespace, given, address=address)
    wanted = [(443, "TCP"), (53, "TCP"), (53, "UDP")]
    return [
        Host(f"a stranger:{port}/{protocol}", Target(address, port, protocol), place)
        for port, protocol in wanted
    ]


def test_a_stranger_reaches_all_that_is_not_the_vaults(
    scene: Scene, figures: Callable[..., None]
) -> None:
    outside = [one for one in scene.hosts if not one.of_vault]
    missed = [
        one.name
        for one in outside
        if not scene.free[one.name]
        and reaches(scene.policies, STRANGER, one.place, one.target.port)
    ]
    figures(hosts=len(outside))
    assert not missed, "nothing would be shown by what does not listen"


def test_every_forbidden_host_is_refused(scene: Scene, figures: Callable[..., None]) -> None:
    forbidden = [
        (pod.name, host.name, came)
        for pod, host, came in scene.tried()
        if not scene.allowed(pod, host)
    ]
    reached = [f"{pod} to {host}" for pod, host, came in forbidden if came]
    assert len(forbidden) > 100
    if not scene.enforced:
        figures(how=NOT_HERE, tried=len(forbidden))
        return
    figures(pods=len(scene.pods), tried=len(forbidden), reached=len(reached))
    assert reached == []


def test_every_host_that_a_process_needs_is_reached(
    scene: Scene, figures: Callable[..., None]
) -> None:
    allowed = [(pod, host, came) for pod, host, came in scene.tried() if scene.allowed(pod, host)]
    missed = [f"{pod.name} to {host.name}" for pod, host, came in allowed if not came]
    figures(tried=len(allowed), missed=len(missed))
    assert missed == []
    assert any(host.of_vault for _, host, _ in allowed)


def test_no_name_is_asked_of_anybody_but_the_clusters_dns(
    scene: Scene, figures: Callable[..., None]
) -> None:
    asked = [(host, came) for _, host, came in scene.tried() if host.target.port == 53]
    elsewhere = [came for host, came in asked if host.name.startswith("a stranger")]
    answered = [came for host, came in asked if not host.name.startswith("a stranger")]
    assert elsewhere
    assert any(answered)
    if not scene.enforced:
        figures(how=NOT_HERE, tried=len(elsewhere))
        return
    figures(tried=len(elsewhere), answered=sum(elsewhere))
    assert not any(elsewhere)
