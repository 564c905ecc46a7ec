"""The watch vouches for what is remembered, as long as its streams are good."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from medvault_operator.kube.cached import Cached
from medvault_operator.kube.kinds import WATCHED
from medvault_operator.runtime import watch
from medvault_operator.runtime.watch import Watch
from medvault_operator.runtime.work_queue import WorkQueue
from support.kubernetes.memory import MemoryApi

SERVICE = next(kind for kind in WATCHED if kind.name == "Service")


class Counting(MemoryApi):
    """Counts lists."""

    lists = 0

    def list(self, *where: object) -> list[dict[str, object]]:
        self.lists += 1
        return super().list(*where)  # type: ignore[arg-type]


@pytest.fixture
def api() -> Counting:
    return Counting()


def beat(api: Counting, *, ready: bool) -> Cached:
    """The cache after one heartbeat of a watch whose streams are ready, or are not."""
    namespaces: Iterator[tuple[str, ...]] = iter([("clinics",), ()])
    cached = Cached(api, WATCHED)
    beating = Watch(WorkQueue(), cached, threading.Event(), lambda: next(namespaces))

    async def once() -> None:
        flag = asyncio.Event()
        if ready:
            flag.set()
        await beating._pulse(flag, ("clinics",))

    asyncio.run(once())
    return cached


@pytest.mark.parametrize(("ready", "read"), [(True, 1), (False, 2)])
def test_lists_are_remembered_while_streams_are_ready(
    api: Counting, ready: bool, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_PROVEN_SECONDS", -1.0)
    cached = beat(api, ready=ready)
    for _ in range(2):
        cached.list(SERVICE, "clinics", "app=medvault")
    assert api.lists == read


def test_streams_that_opened_just_now_prove_nothing(api: Counting) -> None:
    cached = beat(api, ready=True)
    for _ in range(2):
        cached.list(SERVICE, "clinics", "app=medvault")
    assert api.lists == 2
