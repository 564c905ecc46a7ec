"""Statuses: what the channel says became of our messages, whatever order it says it in."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from medvault.domain.errors import MedvaultError, Transient, Unavailable
from medvault.domain.outbound import Delivered
from medvault.domain.updates import PendingUpdate, UpdateKind
from medvault.observability import metrics
from medvault.ports import InboundReader, Queue, Waker
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction

MAX_ATTEMPTS = 5
_AT_ONCE = 512
_TURN = 4
"""Transactions after which others get their turn."""

log = structlog.get_logger(__name__)


class Statuses:
    """Handles the lane of updates that belong to no single conversation."""

    def __init__(self, database: Database, reader: InboundReader, waker: Waker) -> None:
        self._database = database
        self._reader = reader
        self._waker = waker

    def apply(self) -> bool:
        """Move messages up their ladders, for one turn; returns whether more statuses may wait."""
        return all(self._some() == _AT_ONCE for _ in range(_TURN))

    def _some(self) -> int:
        try:
            return self._take(_AT_ONCE)
        except Unavailable:
            raise
        except Transient as error:
            log.warning("statuses failed", error=type(error).__name__)
            return self._one_by_one()

    def _take(self, limit: int) -> int:
        with self._database.begin(Transaction.APPLY_STATUSES) as work:
            updates = work.inbox.claim_statuses(limit)
            subjects = self._apply(work, updates)
        self._waker.wake(Queue.INBOUND, subjects)
        return len(updates)

    def _one_by_one(self) -> int:
        """So that one which the database refuses holds up no other."""
        handled = 0
        while handled < _AT_ONCE and self._alone():
            handled += 1
        return handled

    def _alone(self) -> int:
        try:
            return self._take(1)
        except Unavailable:
            raise
        except Transient:
            with self._database.begin(Transaction.COUNT_STATUS_ATTEMPT) as work:
                updates = work.inbox.claim_statuses(1)
                work.inbox.count_attempt([u.seq for u in updates if u.attempts + 1 < MAX_ATTEMPTS])
                work.inbox.set_aside(
                    [u.seq for u in updates if u.attempts + 1 >= MAX_ATTEMPTS], "dead"
                )
            return len(updates)

    def _apply(self, work: UnitOfWork, updates: Sequence[PendingUpdate]) -> Sequence[UUID]:
        read = [(update, self._read(update)) for update in updates]
        known = [(update, status) for update, status in read if status is not None]
        climbed = work.outbox.climb([status for _, status in known])
        unmatched = [
            update.seq for place, (update, _) in enumerate(known) if place not in climbed.matched
        ]
        late = set(unmatched)
        work.inbox.finish([u.seq for u, _ in known if u.seq not in late], "applied")
        work.inbox.keep_statuses(unmatched)
        work.inbox.set_aside([u.seq for u, status in read if status is None], "kept")
        metrics.unmatched_statuses.inc(len(unmatched))
        metrics.ambiguous_sends["confirmed"].inc(climbed.confirmed)
        for _, status in known:
            metrics.statuses[status.state.name.lower()].inc()
        return [
            work.inbox.report(
                lost.patient_id,
                UpdateKind.NOT_DELIVERED,
                {"report_id": str(lost.report_id), "letter": str(lost.letter_id)},
            )
            for lost in climbed.lost_reports
        ]

    def _read(self, update: PendingUpdate) -> Delivered | None:
        if update.kind is not UpdateKind.STATUS:
            return None
        try:
            return self._reader.read_status(update.content)
        except (MedvaultError, ValueError):
            return None
