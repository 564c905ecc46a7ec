"""Statuses: what the channel says became of our messages, whatever order it says it in."""

from collections.abc import Sequence
from uuid import UUID

from medvault.domain.errors import MedvaultError
from medvault.domain.outbound import Delivered
from medvault.domain.updates import PendingUpdate, UpdateKind
from medvault.observability import metrics
from medvault.ports import InboundReader, Queue, Waker
from medvault.ports.persistence import Database, UnitOfWork

_AT_ONCE = 512


class Statuses:
    """Handles the lane of updates that belong to no single conversation."""

    def __init__(self, database: Database, reader: InboundReader, waker: Waker) -> None:
        self._database = database
        self._reader = reader
        self._waker = waker

    def apply(self) -> None:
        """Move messages up their ladders until no status waits."""
        handled = _AT_ONCE
        while handled == _AT_ONCE:
            with self._database.begin() as work:
                updates = work.inbox.claim_statuses(_AT_ONCE)
                subjects = self._apply(work, updates)
            self._waker.wake(Queue.INBOUND, subjects)
            handled = len(updates)

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
