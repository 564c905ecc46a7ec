"""Lists from memory are those that the API server would give, for as long as the watch is good."""

from collections import Counter
from typing import Any

import pytest

from medvault_operator.kube.api import Api
from medvault_operator.kube.cached import OLDEST_SECONDS, VOUCHED_SECONDS, Cached
from medvault_operator.kube.errors import Away
from medvault_operator.kube.kinds import POD, WATCHED
from medvault_operator.world.manifest import Manifest
from support.kubernetes.api_contract import (
    CONFIG_MAP,
    DEPLOYMENT,
    UNKNOWN,
    ApiContract,
    config_map,
)
from support.kubernetes.memory import MemoryApi

CLINICS = "clinics"


class Counting(MemoryApi):
    """Counts lists by kind."""

    def __init__(self, *unserved: Any) -> None:
        super().__init__(*unserved)
        self.lists: Counter[str] = Counter()

    def list(self, kind: Any, namespace: str = "", selector: str = "") -> list[Manifest]:
        self.lists[kind.name] += 1
        return super().list(kind, namespace, selector)


class Clock:
    """A clock that is put forward, beside a watch that vouches when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.api = Counting()
        self.cached = Cached(self.api, WATCHED, lambda: self.now)

    def names(self, namespace: str = CLINICS) -> list[str]:
        found = self.cached.list(CONFIG_MAP, namespace, "clinic=yes")
        return [one["metadata"]["name"] for one in found]

    def wait(self, seconds: float, *, vouched: bool = True) -> None:
        for _ in range(int(seconds)):
            self.now += 1
            if vouched:
                self.cached.vouch()


@pytest.fixture
def clock() -> Clock:
    found = Clock()
    found.cached.vouch()
    return found


def labelled(name: str, namespace: str = CLINICS) -> Manifest:
    made = config_map(namespace, name)
    made["metadata"]["labels"] = {"clinic": "yes"}
    return made


class TestCachedApi(ApiContract):
    """Nobody else writes there, so it keeps to the contract of every `Api`."""

    @pytest.fixture
    def api(self) -> Api:
        cached = Cached(MemoryApi(UNKNOWN), WATCHED)
        cached.vouch()
        return cached

    @pytest.fixture
    def place(self) -> str:
        return CLINICS


def test_a_list_is_read_once_while_nothing_changes(clock: Clock) -> None:
    clock.names()
    clock.wait(60)
    clock.names()
    assert clock.api.lists == {"ConfigMap": 1}


def test_a_change_that_is_told_is_read_and_no_other_kind_or_namespace_is(clock: Clock) -> None:
    clock.names()
    clock.names("practices")
    clock.cached.list(DEPLOYMENT, CLINICS, "clinic=yes")
    clock.api.create(labelled("of somebody"))
    clock.cached.changed(CONFIG_MAP, CLINICS)
    assert clock.names() == ["of somebody"]
    clock.names("practices")
    clock.cached.list(DEPLOYMENT, CLINICS, "clinic=yes")
    assert clock.api.lists == {"ConfigMap": 3, "Deployment": 1}


def test_own_writes_are_seen_at_once(clock: Clock) -> None:
    assert clock.names() == []
    clock.cached.create(labelled("a"))
    assert clock.names() == ["a"]
    clock.cached.apply(labelled("b"))
    assert clock.names() == ["a", "b"]
    clock.cached.delete(clock.cached.list(CONFIG_MAP, CLINICS, "clinic=yes")[0])
    assert clock.names() == ["b"]


def test_a_write_that_failed_may_have_been_one(clock: Clock) -> None:
    clock.names()
    clock.api.away = Away("ReadTimeoutError")
    with pytest.raises(Away):
        clock.cached.apply(labelled("late"))
    clock.api.away = None
    clock.api.create(labelled("late"))
    assert clock.names() == ["late"]


def test_without_a_watch_every_list_is_read() -> None:
    clock = Clock()
    clock.names()
    clock.names()
    assert clock.api.lists == {"ConfigMap": 2}


def test_a_watch_that_is_silent_is_counted_on_for_seconds_and_then_no_more(clock: Clock) -> None:
    clock.names()
    clock.wait(VOUCHED_SECONDS - 1, vouched=False)
    clock.names()
    assert clock.api.lists == {"ConfigMap": 1}
    clock.wait(2, vouched=False)
    clock.names()
    assert clock.api.lists == {"ConfigMap": 2}


def test_a_watch_that_begins_again_does_not_vouch_for_what_was_read_before(clock: Clock) -> None:
    clock.names()
    clock.wait(VOUCHED_SECONDS + 1, vouched=False)
    clock.api.create(labelled("missed"))
    clock.cached.vouch()
    assert clock.names() == ["missed"]


def test_a_list_that_was_on_its_way_during_a_change_is_not_kept(clock: Clock) -> None:
    class Changing(Counting):
        def list(self, kind: Any, namespace: str = "", selector: str = "") -> list[Manifest]:
            found = super().list(kind, namespace, selector)
            if self.lists["ConfigMap"] == 1:
                self.create(labelled("meanwhile"))
                clock.cached.changed(CONFIG_MAP, CLINICS)
            return found

    clock.api.__class__ = Changing
    assert clock.names() == []
    assert clock.names() == ["meanwhile"]


def test_nothing_is_remembered_for_long(clock: Clock) -> None:
    clock.names()
    clock.wait(OLDEST_SECONDS)
    clock.names()
    assert clock.api.lists == {"ConfigMap": 2}


def test_kinds_that_are_not_watched_are_read(clock: Clock) -> None:
    for _ in range(3):
        clock.cached.list(POD, CLINICS, "clinic=yes")
        clock.cached.list(CONFIG_MAP)
    assert clock.api.lists == {"Pod": 3, "ConfigMap": 3}
