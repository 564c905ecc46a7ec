"""Statuses: the channel's reports on what became of our messages, in whatever order they come."""

from collections.abc import Callable, Sequence
from uuid import UUID

import structlog

from medvault.application.delivery.documents import record_sent
from medvault.application.doubts import lock_out, tell_keys
from medvault.domain.dead_letters import MAX_ATTEMPTS, DeadUpdate, Failure, Kind, Reason
from medvault.domain.errors import MedvaultError, Transient, Unavailable
from medvault.domain.identifiers import LaneId
from medvault.domain.outbound import DeliveryStatus
from medvault.domain.updates import PendingUpdate, UpdateKind
from medvault.observability import metrics
from medvault.ports import InboundReader, Queue, Waker
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction

_AT_ONCE = 512
_TURN = 4
"""Transactions after which others get their turn."""

log = structlog.get_logger(__name__)


class Statuses:
    """Handles the lane of updates that belong to no single conversation."""

    def __init__(
        self,
        database: Database,
        reader: InboundReader,
        waker: Waker,
        new_id: Callable[[], UUID],
    ) -> None:
        self._database = database
        self._reader = reader
        self._waker = waker
        self._new_id = new_id

    def apply(self, *, suspected: bool = False) -> bool:
        """Move messages up their ladders, for one turn; returns whether more statuses may wait.

        Where somebody may have died of one, attempts are counted before they begin.
        """
        if suspected:
            self._apply_suspects()
        return all(self._some() == _AT_ONCE for _ in range(_TURN))

    def _some(self) -> int:
        try:
            return self._take(_AT_ONCE)
        except Unavailable:
            raise
        except Transient as error:
            log.warning("statuses failed", error=type(error).__name__)
            return self._one_by_one()

    def _apply_suspects(self) -> None:
        """Handle the statuses that were tried before, each alone; only count the next ones."""
        while self._alone(tried=True):
            pass
        self._count_attempts(_AT_ONCE, tried=False)
        try:
            self._take(_AT_ONCE, tried=True)
        except Unavailable:
            raise
        except Transient as error:
            log.warning("statuses failed", error=type(error).__name__)

    def _take(self, limit: int, *, tried: bool = False) -> int:
        with self._database.begin(Transaction.APPLY_STATUSES) as work:
            updates = work.inbox.claim_statuses(limit, tried=tried)
            subjects = self._apply(work, updates)
        self._waker.wake(Queue.INBOUND, subjects)
        return len(updates)

    def _one_by_one(self) -> int:
        """So that one which the database refuses holds up no other."""
        handled = 0
        while handled < _AT_ONCE and self._alone():
            handled += 1
        return handled

    def _alone(self, *, tried: bool = False) -> int:
        """Handle the oldest status; one that was tried is counted before it is tried again."""
        if tried and not self._count_attempts(1, tried=True):
            return 0
        try:
            return self._take(1, tried=tried)
        except Unavailable:
            raise
        except Transient as error:
            with self._database.begin(Transaction.RETRY_STATUSES_LATER) as work:
                updates = work.inbox.claim_statuses(1, tried=tried)
                self._failed(work, updates, Failure.of(error), counted=tried)
            return len(updates)

    def _count_attempts(self, limit: int, *, tried: bool) -> int:
        """Count the next try of the oldest; a status that has none left died in its last one."""
        with self._database.begin(Transaction.COUNT_STATUS_ATTEMPTS) as work:
            updates = work.inbox.claim_statuses(limit, tried=tried)
            spent = [update for update in updates if update.attempts >= MAX_ATTEMPTS]
            self._failed(work, spent, Failure(Reason.CRASH), counted=True)
            work.inbox.count_attempts([update.seq for update in updates if update not in spent])
        return len(updates)

    def _failed(
        self,
        work: UnitOfWork,
        updates: Sequence[PendingUpdate],
        failure: Failure,
        *,
        counted: bool,
    ) -> None:
        attempts = {update.seq: update.attempts + (not counted) for update in updates}
        spent = [seq for seq, count in attempts.items() if count >= MAX_ATTEMPTS]
        work.inbox.retry_later([seq for seq in attempts if seq not in spent], counted=counted)
        work.dead_letters.bury_updates([DeadUpdate(seq, MAX_ATTEMPTS, failure) for seq in spent])

    def _apply(self, work: UnitOfWork, updates: Sequence[PendingUpdate]) -> Sequence[LaneId]:
        read = [(update, self._read(update)) for update in updates]
        known = [(update, status) for update, status in read if status is not None]
        climbed = work.outbox.climb([status for _, status in known])
        record_sent(work, climbed.sent_reports, self._new_id)
        unmatched = [
            update.seq for place, (update, _) in enumerate(known) if place not in climbed.matched
        ]
        late = set(unmatched)
        work.inbox.finish([u.seq for u, _ in known if u.seq not in late], "applied")
        work.inbox.keep_statuses(unmatched)
        unknown = Failure(Reason.NOT_UNDERSTOOD)
        work.dead_letters.bury_updates(
            [DeadUpdate(u.seq, 1, unknown, Kind.KEPT) for u, status in read if status is None]
        )
        metrics.unmatched_statuses.inc(len(unmatched))
        metrics.ambiguous_sends["confirmed"].inc(climbed.confirmed)
        for _, status in known:
            metrics.statuses[status.state.name.lower()].inc()
        doubted = lock_out(work, climbed.refused, self._new_id)
        doubted += tell_keys(work, climbed.reached)
        return doubted + [
            work.inbox.tell(
                lost.patient_id,
                UpdateKind.NOT_DELIVERED,
                {"report_id": str(lost.report_id), "letter": str(lost.letter_id)},
            )
            for lost in climbed.lost_reports
        ]

    def _read(self, update: PendingUpdate) -> DeliveryStatus | None:
        if update.kind is not UpdateKind.STATUS:
            return None
        try:
            return self._reader.read_status(update.content)
        except (MedvaultError, ValueError):
            return None
