"""The resync loop asks for every vault that there is."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from medvault_operator.kube.errors import Away, Refused
from medvault_operator.kube.kinds import VAULT, Kind
from medvault_operator.runtime.resync import Resync
from medvault_operator.runtime.schedule import Schedule
from medvault_operator.runtime.work_queue import WorkQueue
from medvault_operator.vault.name import VaultName
from medvault_operator.world.manifest import Manifest
from support.kubernetes.memory import MemoryApi
from support.medical_vaults import MANAGED, body
from support.servers.waiting import wait_until

CLINIC = VaultName("clinics", "clinic")


def with_vaults(*names: VaultName) -> MemoryApi:
    api = MemoryApi()
    for name in names:
        add(api, name)
    return api


def add(api: MemoryApi, name: VaultName) -> None:
    made = body(MANAGED, name.name)
    made["metadata"]["namespace"] = name.namespace
    api.create(made)


@contextmanager
def going_round(api: MemoryApi, *namespaces: str) -> Iterator[tuple[Resync, WorkQueue]]:
    queue = WorkQueue(Schedule(spacing=0))
    resync = Resync(api, queue, namespaces, seconds=0.02)
    resync.start()
    yield resync, queue
    resync.stop()
    resync.join(10)
    assert not resync.is_alive()


def taken(queue: WorkQueue, count: int) -> set[VaultName]:
    return {name for name in (queue.take() for _ in range(count)) if name}


def test_every_vault_comes_up_again_and_again() -> None:
    with going_round(with_vaults(CLINIC)) as (_, queue):
        for _ in range(3):
            assert queue.take() == CLINIC
            queue.done(CLINIC)


def test_only_the_namespaces_asked_for_are_looked_at() -> None:
    names = [VaultName(namespace, "clinic") for namespace in ("a", "b", "c")]
    with going_round(with_vaults(*names), "a", "c") as (_, queue):
        assert taken(queue, 2) == {names[0], names[2]}


def test_a_cluster_that_does_not_know_vaults_is_told_of_with_advice_and_found_once_it_does(
    caplog: pytest.LogCaptureFixture,
) -> None:
    api = with_vaults(CLINIC)
    api.unserved.add(VAULT)
    with caplog.at_level(logging.WARNING), going_round(api) as (resync, queue):
        wait_until(lambda: caplog.messages, seconds=10, what="the advice")
        assert not resync.served.is_set()
        api.unserved.clear()
        assert queue.take() == CLINIC
        wait_until(resync.served.is_set, seconds=10, what="vaults being served")
    assert "Install its CustomResourceDefinition" in caplog.messages[0]


def test_an_api_server_that_is_away_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    api = with_vaults(CLINIC)
    api.away = Away("ConnectTimeoutError")
    with caplog.at_level(logging.WARNING), going_round(api) as (_, queue):
        wait_until(lambda: caplog.messages, seconds=10, what="the warning")
        api.away = None
        assert queue.take() == CLINIC


class Confined(MemoryApi):
    """A cluster where nobody may look into some namespaces."""

    def __init__(self, *hidden: str) -> None:
        super().__init__()
        self.hidden = set(hidden)

    def list(self, kind: Kind, namespace: str = "", selector: str = "") -> list[Manifest]:
        if namespace in self.hidden:
            raise Refused(403, "Forbidden")
        return super().list(kind, namespace, selector)


def test_a_namespace_that_is_hidden_is_told_of_and_keeps_no_other_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    api = Confined("a")
    for name in (VaultName("a", "clinic"), VaultName("b", "clinic")):
        add(api, name)
    with caplog.at_level(logging.WARNING), going_round(api, "a", "b") as (resync, queue):
        assert queue.take() == VaultName("b", "clinic")
        wait_until(resync.served.is_set, seconds=10, what="vaults being served")
        assert (resync.unseen, resync.seen()) == (("a",), ("b",))
        queue.done(VaultName("b", "clinic"))
        assert queue.take() == VaultName("b", "clinic")
        (told,) = [record for record in caplog.records if "no Role there" in record.message]
        assert vars(told)["namespace"] == "a"
        api.hidden.clear()
        assert queue.take() == VaultName("a", "clinic")
        wait_until(lambda: not resync.unseen, seconds=10, what="all being seen")


def test_vaults_that_nobody_looks_after_are_told_of(caplog: pytest.LogCaptureFixture) -> None:
    names = [VaultName(namespace, "clinic") for namespace in ("a", "b")]
    with caplog.at_level(logging.WARNING), going_round(with_vaults(*names), "a") as (_, queue):
        assert queue.take() == names[0]
    (told,) = [one for one in caplog.records if "nobody" in one.message]
    assert vars(told)["namespace"] == "b"


def test_an_operator_that_sees_nothing_serves_nothing() -> None:
    with going_round(Confined("a"), "a") as (resync, _):
        wait_until(lambda: resync.unseen, seconds=10, what="the first round")
        assert not resync.served.is_set()
