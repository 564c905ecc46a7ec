"""Threads that reconcile go on, whatever comes of a vault."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from medvault_operator.kube.errors import Away
from medvault_operator.kube.kinds import SERVICE_MONITOR, Kind
from medvault_operator.observability import metrics
from medvault_operator.observability.metrics import Outcome
from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.observation.observer import Observer
from medvault_operator.reconcile.actor import Actor
from medvault_operator.reconcile.reconciler import Reconciler
from medvault_operator.runtime.schedule import Schedule
from medvault_operator.runtime.work_queue import WorkQueue
from medvault_operator.runtime.workers import Workers
from medvault_operator.vault.installation import Installation
from medvault_operator.vault.name import VaultName
from medvault_operator.world.manifest import Manifest
from support.kubernetes.memory import MemoryApi
from support.medical_vaults import MANAGED, body
from support.servers.waiting import wait_until

CLINIC = VaultName("clinics", "clinic")
PRACTICE = VaultName("clinics", "practice")


def with_vaults(api: MemoryApi, *names: VaultName) -> None:
    for name in names:
        made = body(MANAGED, name.name)
        made["metadata"]["namespace"] = name.namespace
        api.create(made)


@contextmanager
def working(api: MemoryApi) -> Iterator[WorkQueue]:
    queue = WorkQueue(Schedule(spacing=0))
    checks = IdentityChecks()
    observer, installation = Observer(api, checks), Installation("services:1")
    reconciler = Reconciler(api, observer, Actor(checks), installation)
    workers = Workers(queue, reconciler)
    workers.start()
    yield queue
    workers.stop(10)


def counted(outcome: Outcome) -> float:
    name = "medvault_operator_reconcile_seconds_count"
    return metrics.REGISTRY.get_sample_value(name, {"outcome": outcome}) or 0.0


def looked_at(api: MemoryApi, name: VaultName) -> bool:
    """Whether a vault has a status."""
    return "status" in api.objects.get(("MedicalVault", *name), {})


def test_vaults_that_are_asked_for_are_reconciled_and_their_outcome_is_counted() -> None:
    api, before = MemoryApi(SERVICE_MONITOR), counted(Outcome.PROGRESSING)
    with_vaults(api, CLINIC, PRACTICE)
    with working(api) as queue:
        for name in (CLINIC, PRACTICE):
            queue.ask(name, after=0)
        wait_until(
            lambda: looked_at(api, CLINIC) and looked_at(api, PRACTICE), seconds=10, what="statuses"
        )
    assert counted(Outcome.PROGRESSING) >= before + 2


def test_an_api_server_that_is_away_is_tried_again_by_itself() -> None:
    api, before = MemoryApi(SERVICE_MONITOR), counted(Outcome.AWAY)
    with_vaults(api, CLINIC)
    api.away = Away("ConnectTimeoutError")
    with working(api) as queue:
        queue.ask(CLINIC, after=0)
        wait_until(lambda: counted(Outcome.AWAY) > before, seconds=10, what="the failure")
        api.away = None
        wait_until(lambda: looked_at(api, CLINIC), seconds=10, what="the second try")


def test_a_mistake_in_the_operator_is_logged_and_ends_no_thread(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Mistaken(MemoryApi):
        def get(self, kind: Kind, namespace: str, name: str) -> Manifest | None:
            if name == CLINIC.name:
                raise KeyError("a mistake")
            return super().get(kind, namespace, name)

    api = Mistaken(SERVICE_MONITOR)
    with_vaults(api, CLINIC, PRACTICE)
    before = counted(Outcome.ERROR)
    with working(api) as queue:
        queue.ask(CLINIC, after=0)
        wait_until(lambda: counted(Outcome.ERROR) >= before + 2, seconds=10, what="two tries")
        queue.ask(PRACTICE, after=0)
        wait_until(lambda: looked_at(api, PRACTICE), seconds=10, what="the other vault")
    assert "A vault could not be reconciled." in caplog.messages


def test_a_vault_that_does_not_exist_is_dropped() -> None:
    before = counted(Outcome.GONE)
    with working(MemoryApi()) as queue:
        queue.ask(CLINIC, after=0)
        wait_until(lambda: counted(Outcome.GONE) > before, seconds=10, what="the look")
        wait_until(lambda: queue.depth() == 0, seconds=10, what="an empty queue")
