"""A burst is absorbed: memory stays bounded, order is kept, and nobody waits for its end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path

import pytest

from support.servers.waiting import wait_until
from support.stack.burst import Burst
from support.stack.environment import NewServers
from support.stack.fleet import Fleet, Sizes, running_fleet
from support.stack.service import Service

WRITES = 5
"""Messages of each patient."""
PROBES = 12
"""Patients who take turns to write during the burst: each may be sent 45 replies at once."""
WAITS = 5.0
"""Seconds within which each of them must be answered."""
GROWTH = 100.0
"""Megabytes that the memory of a process may grow by."""
DONE = 120.0
_LEFT = """
SELECT 1 FROM inbox WHERE done_at IS NULL AND due_at <= now()
UNION ALL SELECT 1 FROM outbox WHERE state < 40 LIMIT 1
"""


@pytest.fixture(scope="module")
def fleet(
    new_servers: NewServers,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Fleet]:
    sizes = Sizes(api=1, inbound=2, media=1, outbound=1)
    tier = {"whatsapp_messages_per_second": "1000"}
    with (
        new_servers() as servers,
        running_fleet(servers, tmp_path_factory.mktemp("burst"), sizes, settings=tier) as running,
    ):
        yield running


class Memory:
    """The peak of what a process has held in memory since now (proc(5))."""

    def __init__(self, process: Service) -> None:
        self._folder = Path(f"/proc/{process.pid}")
        with suppress(PermissionError):  # left to root, where a process forbids a look at it
            (self._folder / "clear_refs").write_text("5")
        self._before = self._megabytes("VmRSS")

    @property
    def growth(self) -> float:
        """Megabytes."""
        return round(self._megabytes("VmHWM") - self._before, 1)

    def _megabytes(self, field: str) -> float:
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


@contextmanager
def asking_all_the_time(fleet: Fleet) -> Iterator[list[float]]:
    """Patients who write one after the other; how many seconds each waited for the answer."""
    waits: list[float] = []
    phones, stop = cycle([fleet.phone() for _ in range(PROBES)]), threading.Event()

    def ask() -> None:
        while not stop.is_set():
            begun = time.monotonic()
            next(phones).say("HELP", "What I can do")
            waits.append(time.monotonic() - begun)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        wait_until(lambda: waits, seconds=20, what="the first answer")
        yield waits
    finally:
        stop.set()
        asking.join()


def all_is_handled(fleet: Fleet) -> bool:
    return not fleet.vault.tables.rows(_LEFT)


@pytest.mark.alone
@pytest.mark.timeout(300)
def test_a_burst_is_absorbed_in_order_and_keeps_nobody_waiting(
    fleet: Fleet, full: bool, figures: Callable[..., None]
) -> None:
    burst = Burst(fleet.meta, fleet.vault, 10 if full else 1, WRITES)
    memory = {process.name: Memory(process) for process in fleet.processes}
    with asking_all_the_time(fleet) as waits, fleet.meta.traffic(20) as traffic:
        begun = time.monotonic()
        burst.post()
        taken = time.monotonic() - begun
        wait_until(lambda: all_is_handled(fleet), seconds=DONE, what="the end of the burst")
        handled = time.monotonic() - begun
        others = traffic.finish()
    growth = {name: process.growth for name, process in memory.items()}
    figures(
        statuses=burst.statuses + burst.strangers,
        messages=burst.messages,
        taken_s=round(taken, 1),
        handled_s=round(handled, 1),
        probes=len(waits),
        longest_wait_s=round(max(waits), 2),
        webhook_p50_ms=others.milliseconds(0.5),
        webhook_p99_ms=others.milliseconds(0.99),
        memory_growth_mb=growth,
        spilled=sum(api.metric("medvault_intake_spilled_total") for api in fleet.apis),
    )
    assert max(waits) <= WAITS
    assert max(growth.values()) < GROWTH
    assert others.failed == 0
    fleet.meta.settle()
    _all_is_there(fleet, burst)


def _all_is_there(fleet: Fleet, burst: Burst) -> None:
    """Nothing was lost, doubled or overtaken; statuses of strangers wait for their message."""
    unread = "SELECT count(*) FROM outbox WHERE state <> 70 AND id = ANY (%s::uuid[])"
    assert fleet.vault.tables.column(unread, [str(letter) for letter in burst.sent]) == [0]
    early = "SELECT count(*) FROM inbox WHERE kind = 'status' AND done_at IS NULL"
    assert fleet.vault.tables.column(early) == [burst.strangers]
    lost = "SELECT count(*) FROM inbox WHERE outcome NOT IN ('applied', 'handled')"
    assert fleet.vault.tables.column(lost) == [0]
    disordered = [one for one in burst.patients if one.heard != list(one.texts)]
    assert disordered == []
