"""The reads of a pass over a settled vault."""

from collections import Counter
from typing import Any

import pytest

from medvault_operator.kube.cached import Cached
from medvault_operator.kube.kinds import WATCHED, Kind
from medvault_operator.observability.metrics import Outcome
from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.observation.observer import Observer
from medvault_operator.reconcile.actor import Actor
from medvault_operator.reconcile.reconciler import Reconciler
from medvault_operator.vault.installation import Installation
from medvault_operator.world.manifest import Manifest
from support.kubernetes.memory import MemoryApi
from support.kubernetes.simulated_cluster import IMAGE, SimulatedCluster

EACH_PASS = {"MedicalVault": 1, "HTTPRoute": 1, "ScaledObject": 1, "Pod": 1, "Secret": 9}
"""The Secrets of a managed vault: WhatsApp's, the ring and its public key, and of each of database,
broker and store two. The operator may list or watch no Secrets, and watch neither pods nor what
a cluster may not serve."""
SEEN = {kind.name: 1 for kind in WATCHED} | EACH_PASS


class Counting(MemoryApi):
    """Counts reads that are about one vault, by kind."""

    reads: Counter[str]

    def get(self, kind: Kind, namespace: str, name: str) -> Manifest | None:
        self.reads[kind.name] += 1
        return super().get(kind, namespace, name)

    def list(self, kind: Kind, namespace: str = "", selector: str = "") -> list[Manifest]:
        if namespace:
            self.reads[kind.name] += 1
        return super().list(kind, namespace, selector)


class Watched:
    """A settled vault, and an operator that has just started to watch it."""

    def __init__(self) -> None:
        self.cluster = SimulatedCluster()
        self.cluster.settle()
        self.api: Any = self.cluster.api
        self.api.__class__ = Counting
        self.cached = Cached(self.api, WATCHED, clock=lambda: 0.0)
        checks = IdentityChecks()
        observer = Observer(self.cached, checks)
        installation = Installation(IMAGE)
        self.cluster.reconciler = Reconciler(self.cached, observer, Actor(checks), installation)
        self.reads()

    def reads(self) -> Counter[str]:
        """The reads of a pass now, by kind."""
        self.api.reads = Counter()
        assert self.cluster.look() is Outcome.SETTLED
        found: Counter[str] = self.api.reads
        return found


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_without_a_watch_each_pass_lists_every_kind(watched: Watched) -> None:
    assert watched.reads() == SEEN


def test_with_a_watch_a_pass_lists_only_what_is_not_watched(watched: Watched) -> None:
    watched.cached.vouch()
    watched.reads()
    assert watched.reads() == EACH_PASS


def test_a_kind_that_changed_is_listed_again_and_what_changed_is_put_back(watched: Watched) -> None:
    watched.cached.vouch()
    watched.reads()
    key = ("Deployment", "clinics", "clinic-api")
    watched.api.edit(key, "spec", "replicas", value=7)
    deployment = next(kind for kind in WATCHED if kind.name == "Deployment")
    watched.cached.changed(deployment, "clinics")
    watched.api.reads = Counter()
    watched.cluster.look()
    assert watched.api.reads == EACH_PASS | {"Deployment": 1}
    assert watched.api.objects[key]["spec"]["replicas"] == 2
