"""Carries the schedule out: strikes, brings back, and asks a patient whether all is well again."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any

from chaos.components import Component, DidNotComeBack
from chaos.nemesis import How, Strike
from chaos.recovery import Outage

Probe = Callable[[str], Coroutine[Any, Any, float]]
"""Writes as a patient, to be answered with the help of this kind; the seconds it took."""
WATCH = 1.0


class Striker:
    """One component is struck by one fault at a time; those that are due meanwhile wait for it."""

    def __init__(
        self, components: Mapping[str, Component], threads: Executor, probe: Probe
    ) -> None:
        self._components = components
        self._threads = threads
        self._probe = probe
        self._busy = {name: asyncio.Lock() for name in components}
        self.outages: list[Outage] = []
        self.away: set[str] = set()
        self.ended_by_themselves: list[str] = []
        self.never_back: list[str] = []
        self._stopped = asyncio.Event()

    async def carry_out(self, schedule: tuple[Strike, ...]) -> None:
        """Strike as planned; returns when all is up again and has been probed."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for strike in schedule:
                group.create_task(self._strike(strike, began))

    def stop(self) -> None:
        """Strike no more; components that are down are brought back as they would have been."""
        self._stopped.set()

    async def watch(self) -> None:
        """Bring back what ended although nobody struck it, and remember that it did."""
        while True:
            await asyncio.sleep(WATCH)
            for name, component in self._components.items():
                if self._busy[name].locked() or component.runs():
                    continue
                async with self._busy[name]:
                    if component.runs():
                        continue
                    self.ended_by_themselves.append(name)
                    with self._counted_away(name):
                        await self._bring_back(component)

    def kills(self) -> int:
        """How many were killed so far."""
        return sum(outage.how is How.KILL for outage in self.outages)

    async def _strike(self, strike: Strike, began: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), began + strike.at - time.monotonic())
        if self._stopped.is_set():
            return
        component = self._components[strike.component]
        async with self._busy[strike.component]:
            with self._counted_away(strike.component):
                struck = time.monotonic()
                await self._do(component.kill if strike.how is How.KILL else component.freeze)
                outage = Outage(component.name, component.kind, strike.how, struck - began, 0.0)
                self.outages.append(outage)
                await asyncio.sleep(strike.seconds)
                back = time.monotonic()
                outage.down = back - struck
                answered = asyncio.create_task(self._probe(component.kind))
                if await self._bring_back(component, frozen=strike.how is How.FREEZE):
                    outage.ready = time.monotonic() - back
        with contextlib.suppress(TimeoutError):
            outage.answered = await answered

    async def _bring_back(self, component: Component, *, frozen: bool = False) -> bool:
        try:
            if frozen:
                await self._do(component.thaw)
            if not component.runs():
                await self._do(component.start)
            await self._do(component.wait)
        except DidNotComeBack:
            self.never_back.append(component.name)
            return False
        return True

    async def _do(self, call: Callable[[], object]) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    @contextlib.contextmanager
    def _counted_away(self, name: str) -> Iterator[None]:
        self.away.add(name)
        try:
            yield
        finally:
            self.away.discard(name)
