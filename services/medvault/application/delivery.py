"""Delivery: replies leave by lease, within the rates, and every outcome is recorded."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import structlog

from medvault.application.allowance import Allowance
from medvault.application.confirmations import Confirmations
from medvault.application.doubts import lock_out
from medvault.application.outcomes import Outcome, dead, is_message
from medvault.application.retrieval import give_up, owned, record_sent, tell_late
from medvault.domain.dead_letters import MAX_TRIES, Failure, Reason
from medvault.domain.errors import MedvaultError, Unavailable
from medvault.domain.line import IN_A_ROW, Line, LineState
from medvault.domain.outbound import (
    LINE_WAIT,
    REPEAT_AFTER,
    SEND_DEADLINE,
    Accepted,
    Answer,
    Document,
    NextStep,
    Reaction,
    Refused,
    Resolution,
    SendState,
    resolve,
)
from medvault.observability import metrics
from medvault.ports import BlindIndex, Channel, Queue, Waker
from medvault.ports.outbox import Leased, SentReport
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction

_AT_ONCE = 64
_LONGEST_IDLE = 1.0
_SILENCE = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Turn:
    """The leased messages, grouped by what this turn does with them."""

    send: Sequence[Leased]
    put_back: Sequence[tuple[Leased, float]]
    given_up: Sequence[Leased]


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
        self._database = database
        self._channel = channel
        self._allowance = allowance
        self._waker = waker
        self._index = index
        self._new_id = new_id
        self._confirmations = Confirmations(repeat_after)
        self._line = Line()
        self._shown: LineState | None = None
        self._in_flight = in_flight
        self._sending: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._heard_at = 0.0
        self._woken = asyncio.Event()
        self._stopping = False

    def check(self) -> None:
        """Raise `Unavailable` while the line is stopped."""
        if self._line.state is LineState.STOPPED:
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
            idle = _LONGEST_IDLE
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
        if blocked := await self._knock():
            return blocked
        room = self._room()
        if room <= 0:
            return _LONGEST_IDLE
        # A process that freezes right after the lease must find its letters too old to be sent.
        not_after = time.monotonic() + SEND_DEADLINE.total_seconds()
        leased, wait = await asyncio.to_thread(self._lease, room)
        if not self._sending:
            self._heard_at = time.monotonic()
        for one in leased:
            task = asyncio.create_task(self._send(one, not_after))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return wait

    async def _knock(self) -> float:
        """Knock if it is time to; returns how long the line stays stopped."""
        wait = self._line.knock_in(time.monotonic())
        if wait == 0:
            self._line.knocked(await self._channel.knock(), time.monotonic())
            self._show_line()
            wait = self._line.knock_in(time.monotonic())
        return wait or 0.0

    def _room(self) -> int:
        """Return how many more may be under way; few where the channel has fallen silent."""
        most = self._in_flight
        if self._line.state is LineState.ON_TRIAL:
            most = 1
        elif self._sending and time.monotonic() - self._heard_at > _SILENCE:
            most = IN_A_ROW
        return min(_AT_ONCE, most - len(self._sending))

    def _lease(self, room: int) -> tuple[Sequence[Leased], float]:
        """Take due messages that may be sent now; returns them and the time to the next."""
        limit, wait = self._allowance.room(room)
        if limit <= 0:
            return (), wait
        with self._database.begin(Transaction.LEASE_LETTERS) as work:
            self._confirmations.look(work.outbox)
            leased = work.outbox.lease(limit, self._confirmations.waits)
            told = tell_late(work, leased)
            idle = _LONGEST_IDLE if len(leased) < limit else 0.0
            soon = work.outbox.seconds_to_next() if idle else None
        self._waker.wake(Queue.INBOUND, told)
        if idle:
            self._allowance.suffices()
        turn = self._sorted(leased)
        waits = [wait for _, wait in turn.put_back]
        return self._owned(turn), min(idle if soon is None else max(0.002, soon), idle, *waits)

    def _sorted(self, leased: Sequence[Leased]) -> _Turn:
        """Tell what is sent from what has to wait, for the rates or for proof, or is given up."""
        proven = self._line.proven(time.monotonic())
        plans = [(one, _resolution(one, proven=proven)) for one in leased]
        ready = [one for one, plan in plans if plan is Resolution.REPEAT]
        held = [one for one, plan in plans if plan is Resolution.HOLD]
        if held:
            self._line.doubt()
        waits = self._allowance.waits(ready)
        late = [one for one in ready if waits.get(one.outgoing.reference, 0.0) > 0]
        return _Turn(
            [one for one in ready if one not in late],
            [
                *((one, LINE_WAIT.total_seconds()) for one in held),
                *((one, waits[one.outgoing.reference]) for one in late),
            ],
            [one for one, plan in plans if plan is Resolution.GIVE_UP],
        )

    def _owned(self, turn: _Turn) -> Sequence[Leased]:
        """Leave out reports that are not their recipient's; put back what came too early."""
        documents = [one for one in turn.send if _is_document(one)]
        settled = [
            *((one, _as_found(one, wait)) for one, wait in turn.put_back),
            *((one, NextStep(SendState.FAILED)) for one in turn.given_up),
        ]
        lost: list[Leased] = []
        if documents or settled:
            with self._database.begin(Transaction.CHECK_OWNERS) as work:
                work.outbox.settle([(one, step, None, None) for one, step in settled])
                reports = owned(work, documents)
                lost = [one for one in documents if one.outgoing.reference not in reports]
                subjects = [give_up(work, one, self._new_id, refused=True) for one in lost]
                subjects += [
                    give_up(work, one, self._new_id, refused=False)
                    for one in turn.given_up
                    if _is_document(one)
                ]
                work.dead_letters.bury_replies(
                    {
                        one.outgoing.reference: Failure(Reason.UNCONFIRMED)
                        for one in turn.given_up
                        if is_message(one)
                    }
                )
            self._waker.wake(Queue.INBOUND, subjects)
        send = [one for one in turn.send if one not in lost]
        metrics.ambiguous_sends["given_up"].inc(sum(map(is_message, turn.given_up)))
        metrics.ambiguous_sends["repeated"].inc(
            sum(one.found is not SendState.QUEUED for one in send)
        )
        return send

    async def _send(self, leased: Leased, not_after: float) -> None:
        with metrics.delivery_seconds.time():
            answer = await self._answer(leased, not_after)
        self._outcomes.append(Outcome(leased, answer))
        self._woken.set()

    async def _answer(self, leased: Leased, not_after: float) -> Answer:
        try:
            answer = await self._channel.send(leased.outgoing, not_after)
        except ValueError:
            log.error("message breaks the limits", patient_id=leased.patient_id)
            return Refused(Reaction.PERMANENT)
        self._heard_at = time.monotonic()
        self._line.heard(answer, self._heard_at)
        self._show_line()
        return answer

    def _show_line(self) -> None:
        state = self._line.state
        if state is self._shown:
            return
        self._shown = state
        log.warning("line changed", dependency="channel", state=state.value)
        metrics.dependency_up["channel"].set(state is not LineState.STOPPED)
        metrics.breaker_open["channel"].set(state is LineState.STOPPED)

    async def _record(self) -> None:
        outcomes, self._outcomes = self._outcomes, []
        if not outcomes:
            return
        try:
            await asyncio.to_thread(self._settle, outcomes)
        except Unavailable:
            self._outcomes = outcomes + self._outcomes
            await asyncio.sleep(_LONGEST_IDLE)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, others are recorded
            log.warning("outcomes wait", error=type(error).__name__)
            left = await asyncio.to_thread(self._settle_each, outcomes)
            self._outcomes = left + self._outcomes

    def _settle_each(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Settle each alone, so that what the database refuses holds up nothing else.

        Returns the outcomes to be tried again. An outcome that was refused often enough is left to
        its lease, as if its process had died: a status tells what became of the message, or it is
        repeated.
        """
        again: list[Outcome] = []
        for place, outcome in enumerate(outcomes):
            try:
                self._settle([outcome])
            except Unavailable:
                return [*again, *outcomes[place:]]
            except Exception as error:  # noqa: BLE001 - whatever it is, others are recorded
                tried = replace(outcome, tries=outcome.tries + 1)
                if tried.tries < MAX_TRIES:
                    again.append(tried)
                    continue
                patient_id, name = outcome.leased.patient_id, type(error).__name__
                log.error("an outcome is not recorded", patient_id=patient_id, error=name)
                metrics.unrecorded_outcomes.inc()
        return again

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        with self._database.begin(Transaction.SETTLE_LETTERS) as work:
            first = work.outbox.settle([outcome.step for outcome in outcomes])
            record_sent(work, self._sent_reports(outcomes, first), self._new_id)
            refused = [one.leased for one in outcomes if one.identity_changed]
            letters = {one.patient_id: one.outgoing.reference for one in refused}
            doubted = lock_out(work, letters, self._new_id)
            lost = [outcome.leased for outcome in outcomes if outcome.loses_report]
            subjects = [give_up(work, leased, self._new_id, refused=False) for leased in lost]
            work.dead_letters.bury_replies(dead(outcomes))
        self._waker.wake(Queue.INBOUND, [*subjects, *doubted])
        for outcome in outcomes:
            metrics.deliveries[outcome.name].inc()

    def _sent_reports(
        self, outcomes: Sequence[Outcome], first: frozenset[UUID]
    ) -> Sequence[SentReport]:
        """Return accepted documents, those left out that a status told of first."""
        return [
            (one.leased.patient_id, sent.content.report_id, self._index(*sent.to.identity))
            for one in outcomes
            if isinstance((sent := one.leased.outgoing).content, Document)
            and isinstance(one.answer, Accepted)
            and sent.reference in first
        ]


def _is_document(leased: Leased) -> bool:
    return isinstance(leased.outgoing.content, Document)


def _resolution(leased: Leased, *, proven: bool) -> Resolution:
    """Decide on what was leased; a typing signal that may have been shown is worth no repeat."""
    if leased.found is SendState.QUEUED:
        return Resolution.REPEAT
    if not is_message(leased):
        return Resolution.GIVE_UP
    return resolve(leased.found, leased.attempts, leased.doubted_for, proven=proven)


def _as_found(leased: Leased, wait: float) -> NextStep:
    return NextStep(leased.found, timedelta(seconds=wait), counts=False)
