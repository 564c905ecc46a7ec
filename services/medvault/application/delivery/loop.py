"""The loop of delivery: letters are leased, sent side by side, and their outcomes settled."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog

from medvault.application.delivery.allowance import Allowance
from medvault.application.delivery.leasing import LONGEST_IDLE, Leasing
from medvault.application.delivery.outcomes import SendOutcome
from medvault.application.delivery.settlement import Settlement
from medvault.domain.breaker import IN_A_ROW, BreakerState, ChannelBreaker
from medvault.domain.errors import MedvaultError, Unavailable
from medvault.domain.outbound import REPEAT_AFTER, SEND_DEADLINE, Answer, Reaction, Refused
from medvault.observability import metrics
from medvault.ports import BlindIndex, Channel, Waker
from medvault.ports.outbox import Leased
from medvault.ports.persistence import Database

_AT_ONCE = 64
_SILENCE = 1.0

log = structlog.get_logger(__name__)


class Delivery:
    """Sends what is due; one instance a process, on one event loop."""

    def __init__(
        self,
        database: Database,
        channel: Channel,
        allowance: Allowance,
        waker: Waker,
        index: BlindIndex,
        new_id: Callable[[], UUID],
        *,
        repeat_after: timedelta = REPEAT_AFTER,
        in_flight: int = 128,
    ) -> None:
        self._channel = channel
        self._breaker = ChannelBreaker()
        self._leasing = Leasing(database, allowance, self._breaker, waker, new_id, repeat_after)
        self._settlement = Settlement(database, waker, index, new_id)
        self._shown: BreakerState | None = None
        self._in_flight = in_flight
        self._sending: set[asyncio.Task[None]] = set()
        self._outcomes: list[SendOutcome] = []
        self._heard_at = 0.0
        self._woken = asyncio.Event()
        self._stopping = False

    def check(self) -> None:
        """Raise `Unavailable` while the breaker is open."""
        if self._breaker.state is BreakerState.OPEN:
            raise Unavailable("channel")

    def wake(self) -> None:
        """Look for due messages soon; from the loop's own thread."""
        self._woken.set()

    def stop(self) -> None:
        """Finish what is being sent, take nothing new."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Deliver until told to stop; record the messages in flight before returning."""
        while not self._stopping:
            idle = LONGEST_IDLE
            try:
                idle = await self._turn()
            except Exception as error:  # noqa: BLE001 - the next turn is a second away
                log.warning("delivery waits", error=type(error).__name__)
            if not self._outcomes:
                await self._wait(idle)
        while self._sending or self._outcomes:
            if self._sending:
                await asyncio.wait(self._sending, return_when=asyncio.FIRST_COMPLETED)
            with suppress(MedvaultError):
                await self._record()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _turn(self) -> float:
        """Record what has ended, send what is due; returns how long nothing needs to be done."""
        self._woken.clear()
        await self._record()
        if blocked := await self._probe():
            return blocked
        room = self._room()
        if room <= 0:
            return LONGEST_IDLE
        # A process that freezes right after the lease must find its letters too old to be sent.
        not_after = time.monotonic() + SEND_DEADLINE.total_seconds()
        leased, wait = await asyncio.to_thread(self._leasing.lease, room)
        if not self._sending:
            self._heard_at = time.monotonic()
        for one in leased:
            task = asyncio.create_task(self._send(one, not_after))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return wait

    async def _probe(self) -> float:
        """Probe if it is time to; return how long the breaker stays open."""
        wait = self._breaker.probe_in(time.monotonic())
        if wait == 0:
            self._breaker.probed(await self._channel.probe(), time.monotonic())
            self._show_breaker()
            wait = self._breaker.probe_in(time.monotonic())
        return wait or 0.0

    def _room(self) -> int:
        """Return how many more may be under way; few where the channel has fallen silent."""
        most = self._in_flight
        if self._breaker.state is BreakerState.HALF_OPEN:
            most = 1
        elif self._sending and time.monotonic() - self._heard_at > _SILENCE:
            most = IN_A_ROW
        return min(_AT_ONCE, most - len(self._sending))

    async def _send(self, leased: Leased, not_after: float) -> None:
        with metrics.delivery_seconds.time():
            answer = await self._answer(leased, not_after)
        self._outcomes.append(SendOutcome(leased, answer))
        self._woken.set()

    async def _answer(self, leased: Leased, not_after: float) -> Answer:
        try:
            answer = await self._channel.send(leased.outgoing, not_after)
        except ValueError:
            log.error("message breaks the limits", patient_id=leased.patient_id)
            return Refused(Reaction.PERMANENT)
        self._heard_at = time.monotonic()
        self._breaker.heard(answer, self._heard_at)
        self._show_breaker()
        return answer

    def _show_breaker(self) -> None:
        state = self._breaker.state
        if state is self._shown:
            return
        self._shown = state
        log.warning("breaker changed", dependency="channel", state=state.value)
        metrics.dependency_up["channel"].set(state is not BreakerState.OPEN)
        metrics.breaker_open["channel"].set(state is BreakerState.OPEN)

    async def _record(self) -> None:
        outcomes, self._outcomes = self._outcomes, []
        if not outcomes:
            return
        try:
            await asyncio.to_thread(self._settlement.settle, outcomes)
        except Unavailable:
            self._outcomes = outcomes + self._outcomes
            await asyncio.sleep(LONGEST_IDLE)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, others are recorded
            log.warning("outcomes wait", error=type(error).__name__)
            left = await asyncio.to_thread(self._settlement.settle_each, outcomes)
            self._outcomes = left + self._outcomes
