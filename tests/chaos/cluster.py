"""A clinic's vault on Kubernetes under stress: its pods are killed, and it has to mend itself."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from chaos.components import Component
from chaos.deployment import Deployment, unfinished
from support.cluster.pods import Pod, delete, pods
from support.cluster.site import Clinic


@dataclass
class Replica(Component):
    """One of a component's pods; `left` are those that were there first and still live."""

    clinic: Clinic
    component: str
    number: int
    wanted: int
    left: set[str]

    def __post_init__(self) -> None:
        self.name = self.kind = f"{self.component}-{self.number}"

    def kill(self) -> None:
        victim = next(pod for pod in _pods(self.clinic) if pod.uid in self.left)
        self.left.remove(victim.uid)
        delete(self.clinic.kubectl, victim)

    def freeze(self) -> None:
        """Nobody but its node can."""

    def thaw(self) -> None:
        """Nothing is ever frozen."""

    def start(self) -> None:
        """Nobody but Kubernetes does."""

    def runs(self) -> bool:
        return True

    def is_ready(self) -> bool:
        mine = [pod for pod in _pods(self.clinic) if pod.component == self.component]
        return sum(pod.ready for pod in mine) >= self.wanted


def deployed(clinic: Clinic) -> Deployment:
    """The vault as something to put under stress; every pod that there is can be killed once."""
    return Deployment(
        f"http://{clinic.simulator.address}",
        tuple(_replicas(clinic)),
        lambda: unfinished(clinic.database_url),
        clinic.sources,
        lambda: iter(()),
    )


def _replicas(clinic: Clinic) -> Iterator[Replica]:
    found: dict[str, set[str]] = defaultdict(set)
    for pod in _pods(clinic):
        found[pod.component].add(pod.uid)
    for component, left in sorted(found.items()):
        for number in range(1, len(left) + 1):
            yield Replica(clinic, component, number, len(left), left)


def _pods(clinic: Clinic) -> list[Pod]:
    return pods(clinic.kubectl, f"app.kubernetes.io/instance={clinic.vault.name}")
