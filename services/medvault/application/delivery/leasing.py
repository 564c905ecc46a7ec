"""Leasing: letters that are due are sorted into those that may leave now and the others."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from medvault.application.delivery.allowance import Allowance
from medvault.application.delivery.confirmations import Confirmations
from medvault.application.delivery.documents import give_up, owned, tell_late
from medvault.application.delivery.outcomes import is_message
from medvault.domain.breaker import ChannelBreaker
from medvault.domain.dead_letters import Failure, Reason
from medvault.domain.outbound import (
    LINE_WAIT,
    Document,
    NextStep,
    Resolution,
    SendState,
    resolve,
)
from medvault.observability import metrics
from medvault.ports import Queue, Waker
from medvault.ports.outbox import Leased, Settled
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction

LONGEST_IDLE = 1.0
"""Seconds after which somebody looks for due letters, whatever happened meanwhile."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """The leased letters, grouped by what this turn does with them."""

    send: Sequence[Leased]
    put_back: Sequence[tuple[Leased, float]]
    given_up: Sequence[Leased]


class Leasing:
    """Leases letters, within the rates and as the breaker allows."""

    def __init__(
        self,
        database: Database,
        allowance: Allowance,
        breaker: ChannelBreaker,
        waker: Waker,
        new_id: Callable[[], UUID],
        repeat_after: timedelta,
    ) -> None:
        self._database = database
        self._allowance = allowance
        self._confirmations = Confirmations(repeat_after)
        self._breaker = breaker
        self._waker = waker
        self._new_id = new_id

    def lease(self, room: int) -> tuple[Sequence[Leased], float]:
        """Take due letters that may be sent now; return them and the seconds to the next."""
        limit, wait = self._allowance.room(room)
        if limit <= 0:
            return (), wait
        with self._database.begin(Transaction.LEASE_LETTERS) as work:
            self._confirmations.look(work.outbox)
            leased = work.outbox.lease(limit, self._confirmations.waits)
            told = tell_late(work, leased)
            idle = LONGEST_IDLE if len(leased) < limit else 0.0
            soon = work.outbox.seconds_to_next() if idle else None
        self._waker.wake(Queue.INBOUND, told)
        if idle:
            self._allowance.suffices()
        turn = self._sorted(leased)
        waits = [wait for _, wait in turn.put_back]
        return self._owned(turn), min(idle if soon is None else max(0.002, soon), idle, *waits)

    def _sorted(self, leased: Sequence[Leased]) -> _Turn:
        """Tell what is sent from what has to wait, for the rates or for proof, or is given up."""
        proven = self._breaker.proven(time.monotonic())
        plans = [(one, _resolution(one, proven=proven)) for one in leased]
        ready = [one for one, plan in plans if plan is Resolution.REPEAT]
        held = [one for one, plan in plans if plan is Resolution.HOLD]
        if held:
            self._breaker.doubt()
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
            *(Settled(one, _as_found(one, wait)) for one, wait in turn.put_back),
            *(Settled(one, NextStep(SendState.FAILED)) for one in turn.given_up),
        ]
        lost: list[Leased] = []
        if documents or settled:
            with self._database.begin(Transaction.CHECK_OWNERS) as work:
                work.outbox.settle(settled)
                work.open_vaults(documents)
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
