"""Delivery: replies leave by lease, within the rates, and every outcome is recorded."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from medvault.application.retrieval import give_up, owned
from medvault.domain.audit import Action, Entry
from medvault.domain.errors import MedvaultError
from medvault.domain.outbound import (
    SEND_DEADLINE,
    Accepted,
    Answer,
    Document,
    NextStep,
    Reaction,
    Refused,
    SendState,
    Typing,
    decide,
)
from medvault.observability import metrics
from medvault.ports import Bucket, Channel, Queue, RateLimiter, Waker
from medvault.ports.persistence import Database, Leased, UnitOfWork
from medvault.ports.transactions import Transaction

_AT_ONCE = 64
_LONGEST_IDLE = 1.0
_LINE_STOPS = 5.0
_UNLIMITED = 1e6

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rates:
    """The number's tier in messages a second, and the pair rate that Meta grants (Rates)."""

    messages_per_second: float = 80.0
    pair_seconds: float = 6.0
    pair_burst: int = 45


@dataclass(frozen=True, slots=True)
class _Outcome:
    leased: Leased
    answer: Answer


class Delivery:
    """Sends what is due; one instance a process, on one event loop."""

    def __init__(
        self,
        database: Database,
        channel: Channel,
        limiter: RateLimiter,
        waker: Waker,
        rates: Rates,
        new_id: Callable[[], UUID],
        *,
        in_flight: int = 128,
    ) -> None:
        self._database = database
        self._channel = channel
        self._limiter = limiter
        self._waker = waker
        self._rates = rates
        self._new_id = new_id
        self._in_flight = in_flight
        self._sending: set[asyncio.Task[None]] = set()
        self._outcomes: list[_Outcome] = []
        self._woken = asyncio.Event()
        self._stopping = False
        self._resume_at = 0.0

    def wake(self) -> None:
        """Look for due messages soon; from the loop's own thread."""
        self._woken.set()

    def stop(self) -> None:
        """Finish what is being sent, take nothing new."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Deliver until told to stop; what is in flight then is recorded first."""
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
        paused = self._resume_at - time.monotonic()
        room = min(_AT_ONCE, self._in_flight - len(self._sending))
        if paused > 0:
            return paused
        if room <= 0:
            return _LONGEST_IDLE
        leased, wait = await asyncio.to_thread(self._lease, room)
        not_after = time.monotonic() + SEND_DEADLINE.total_seconds()
        for one in leased:
            task = asyncio.create_task(self._send(one, not_after))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return wait

    def _lease(self, limit: int) -> tuple[Sequence[Leased], float]:
        """Take due messages that the rates allow; returns them and the time to the next."""
        with self._database.begin(Transaction.LEASE_LETTERS) as work:
            leased = work.outbox.lease(limit)
            idle = _LONGEST_IDLE if len(leased) < limit else 0.0
            soon = work.outbox.seconds_to_next() if idle else None
        waits = self._waits(leased)
        late = {reference: wait for reference, wait in waits.items() if wait > 0}
        allowed = [one for one in leased if one.outgoing.reference not in late]
        postponed = [
            (one, _later(late[one.outgoing.reference]), None, None)
            for one in leased
            if one.outgoing.reference in late
        ]
        wait = min(
            [idle, *late.values()] if soon is None else [idle, max(0.002, soon), *late.values()]
        )
        return self._owned(allowed, postponed), wait

    def _owned(
        self, allowed: Sequence[Leased], postponed: Sequence[tuple[Leased, NextStep, None, None]]
    ) -> Sequence[Leased]:
        """Leave out reports that are not their recipient's; put back what came too early."""
        documents = [one for one in allowed if isinstance(one.outgoing.content, Document)]
        if not documents and not postponed:
            return allowed
        with self._database.begin(Transaction.CHECK_OWNERS) as work:
            work.outbox.settle(postponed)
            reports = owned(work, documents)
            lost = [one for one in documents if one.outgoing.reference not in reports]
            subjects = [give_up(work, one, self._new_id, refused=True) for one in lost]
        self._waker.wake(Queue.INBOUND, subjects)
        return [one for one in allowed if one not in lost]

    def _waits(self, leased: Sequence[Leased]) -> dict[UUID, float]:
        """Return how long each message waits for the rates; the typing signal is no message."""
        counted = [one for one in leased if not isinstance(one.outgoing.content, Typing)]
        if not counted:
            return {}
        by_pair = self._limiter.take([self._pair(one.subject) for one in counted])
        free = [one for one, wait in zip(counted, by_pair, strict=True) if wait <= 0]
        number = Bucket("number", self._rates.messages_per_second, self._burst())
        by_number = self._limiter.take([number] * len(free))
        waits = zip([*counted, *free], [*by_pair, *by_number], strict=True)
        return {one.outgoing.reference: wait for one, wait in waits}

    def _pair(self, subject: UUID) -> Bucket:
        rate = 1 / self._rates.pair_seconds if self._rates.pair_seconds else _UNLIMITED
        return Bucket(f"pair:{subject.hex}", rate, self._rates.pair_burst)

    def _burst(self) -> int:
        return max(1, int(self._rates.messages_per_second / 4))

    async def _send(self, leased: Leased, not_after: float) -> None:
        with metrics.delivery_seconds.time():
            answer = await self._answer(leased, not_after)
        stopped = isinstance(answer, Refused) and answer.reaction is Reaction.STOP_LINE
        metrics.dependency_up["channel"].set(not stopped)
        if stopped:
            self._resume_at = time.monotonic() + _LINE_STOPS
        self._outcomes.append(_Outcome(leased, answer))
        self._woken.set()

    async def _answer(self, leased: Leased, not_after: float) -> Answer:
        try:
            return await self._channel.send(leased.outgoing, not_after)
        except ValueError:
            log.error("message breaks the limits", patient_id=leased.patient_id)
            return Refused(Reaction.PERMANENT)

    async def _record(self) -> None:
        outcomes, self._outcomes = self._outcomes, []
        if outcomes:
            try:
                await asyncio.to_thread(self._settle, outcomes)
            except MedvaultError:
                self._outcomes = outcomes + self._outcomes
                await asyncio.sleep(_LONGEST_IDLE)
                raise

    def _settle(self, outcomes: Sequence[_Outcome]) -> None:
        with self._database.begin(Transaction.SETTLE_LETTERS) as work:
            work.outbox.settle([_next(outcome) for outcome in outcomes])
            self._audit(work, outcomes)
            self._lock_out(work, outcomes)
            lost = [outcome.leased for outcome in outcomes if _is_lost_report(outcome)]
            subjects = [give_up(work, leased, self._new_id, refused=False) for leased in lost]
        self._waker.wake(Queue.INBOUND, subjects)
        for outcome in outcomes:
            metrics.deliveries[_name(outcome.answer)].inc()

    def _lock_out(self, work: UnitOfWork, outcomes: Sequence[_Outcome]) -> None:
        """Somebody else may hold the account now: nothing leaves these vaults any more."""
        changed = list({o.leased.patient_id for o in outcomes if _identity_changed(o.answer)})
        if changed:
            work.reports.for_patients(changed)
            work.conversations.lock_out(changed)
            work.audit.append([Entry(self._new_id(), p, Action.IDENTITY_LOCKED) for p in changed])

    def _audit(self, work: UnitOfWork, outcomes: Sequence[_Outcome]) -> None:
        sent = [
            (outcome.leased.patient_id, outcome.leased.outgoing.content.report_id)
            for outcome in outcomes
            if isinstance(outcome.leased.outgoing.content, Document)
            and isinstance(outcome.answer, Accepted)
        ]
        if sent:
            work.reports.for_patients([patient_id for patient_id, _ in sent])
            work.audit.append(
                [
                    Entry(self._new_id(), patient, Action.REPORT_SENT, report)
                    for patient, report in sent
                ]
            )


def _identity_changed(answer: Answer) -> bool:
    return isinstance(answer, Refused) and answer.reaction is Reaction.IDENTITY_CHANGED


def _is_lost_report(outcome: _Outcome) -> bool:
    """Whether a patient has to hear that a report won't come; who may be another one does not."""
    step = decide(outcome.answer, outcome.leased.attempts)
    document = isinstance(outcome.leased.outgoing.content, Document)
    return document and step.state is SendState.FAILED and not _identity_changed(outcome.answer)


def _later(wait: float) -> NextStep:
    return NextStep(SendState.QUEUED, timedelta(seconds=wait), counts=False)


def _next(outcome: _Outcome) -> tuple[Leased, NextStep, str | None, int | None]:
    leased, answer = outcome.leased, outcome.answer
    step = decide(answer, leased.attempts)
    if isinstance(leased.outgoing.content, Typing) and not isinstance(answer, Accepted):
        step = NextStep(SendState.FAILED)
    if isinstance(answer, Accepted):
        return leased, step, answer.wamid, None
    return leased, step, None, answer.code


def _name(answer: Answer) -> str:
    return "accepted" if isinstance(answer, Accepted) else answer.reaction.value
