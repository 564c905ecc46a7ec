"""The schedule is carried out, and whatever went down comes up again."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from chaos.components import Component, DidNotComeBack
from chaos.nemesis import How, Strike
from chaos.striker import Striker
from support.servers.waiting import wait_until


@dataclass
class Toy(Component):
    """A component that remembers what was done to it."""

    name: str
    kind: str = "toy"
    done: list[str] = field(default_factory=list)
    up: bool = True
    mendable: bool = True

    def kill(self) -> None:
        self.done.append("kill")
        self.up = False

    def freeze(self) -> None:
        self.done.append("freeze")

    def thaw(self) -> None:
        self.done.append("thaw")

    def start(self) -> None:
        if not self.mendable:
            raise DidNotComeBack(self.name)
        self.done.append("start")
        self.up = True

    def runs(self) -> bool:
        return self.up

    def is_ready(self) -> bool:
        return self.up


async def answered_at_once(kind: str) -> float:
    return 0.25


def with_striker(toys: list[Toy], work: Callable[[Striker], Awaitable[None]]) -> Striker:
    async def run(threads: ThreadPoolExecutor) -> Striker:
        striker = Striker({toy.name: toy for toy in toys}, threads, answered_at_once)
        await work(striker)
        return striker

    with ThreadPoolExecutor(4) as threads:
        return asyncio.run(run(threads))


def test_the_killed_are_started_and_the_frozen_thawed() -> None:
    killed, frozen = Toy("killed"), Toy("frozen")
    schedule = (Strike(0.0, "killed", How.KILL, 0.05), Strike(0.02, "frozen", How.FREEZE, 0.05))
    striker = with_striker([killed, frozen], lambda s: s.carry_out(schedule))
    assert killed.done == ["kill", "start"]
    assert frozen.done == ["freeze", "thaw"]
    assert striker.kills() == 1
    assert striker.away == set()
    for outage in striker.outages:
        assert outage.down >= 0.05
        assert outage.ready is not None
        assert outage.answered == 0.25


def test_a_fault_waits_until_the_one_before_it_is_over() -> None:
    toy = Toy("toy")
    schedule = (Strike(0.0, "toy", How.KILL, 0.05), Strike(0.01, "toy", How.FREEZE, 0.01))
    with_striker([toy], lambda s: s.carry_out(schedule))
    assert toy.done == ["kill", "start", "freeze", "thaw"]


def test_what_does_not_come_back_is_named() -> None:
    toy = Toy("toy", mendable=False)
    striker = with_striker([toy], lambda s: s.carry_out((Strike(0.0, "toy", How.KILL, 0.0),)))
    assert striker.never_back == ["toy"]
    assert striker.outages[0].ready is None


def test_what_ended_by_itself_is_started_and_remembered() -> None:
    toy = Toy("toy", up=False)

    async def watched(striker: Striker) -> None:
        watching = asyncio.create_task(striker.watch())
        await asyncio.to_thread(wait_until, lambda: toy.done, seconds=10, what="the start")
        watching.cancel()

    striker = with_striker([toy], watched)
    assert toy.done == ["start"]
    assert striker.ended_by_themselves == ["toy"]


def test_a_stopped_schedule_strikes_no_more() -> None:
    toy = Toy("toy")

    async def stopped(striker: Striker) -> None:
        striker.stop()
        await striker.carry_out((Strike(600.0, "toy", How.KILL, 1.0),))

    striker = with_striker([toy], stopped)
    assert toy.done == []
    assert striker.outages == []
