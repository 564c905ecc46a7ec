"""Settlement: the outcomes of sends are recorded, and patients hear of reports that won't come."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import structlog

from medvault.application.delivery.documents import give_up, record_sent
from medvault.application.delivery.outcomes import SendOutcome, dead
from medvault.application.doubts import lock_out
from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.errors import Unavailable
from medvault.domain.identifiers import LaneId, LetterId
from medvault.domain.outbound import Accepted, Document
from medvault.observability import metrics
from medvault.ports import BlindIndex, Queue, Waker
from medvault.ports.outbox import SentReport
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction

log = structlog.get_logger(__name__)


class Settlement:
    """Records outcomes in a transaction, those of one turn together."""

    def __init__(
        self, database: Database, waker: Waker, index: BlindIndex, new_id: Callable[[], UUID]
    ) -> None:
        self._database = database
        self._waker = waker
        self._index = index
        self._new_id = new_id

    def settle(self, outcomes: Sequence[SendOutcome]) -> None:
        """Record outcomes, all or none."""
        with self._database.begin(Transaction.SETTLE_LETTERS) as work:
            first = work.outbox.settle([outcome.settled for outcome in outcomes])
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

    def settle_each(self, outcomes: Sequence[SendOutcome]) -> list[SendOutcome]:
        """Settle each alone, so that what the database refuses holds up nothing else.

        Returns the outcomes to be tried again. An outcome that was refused often enough is left to
        its lease, as if its process had died: a status tells what became of the message, or it is
        repeated.
        """
        again: list[SendOutcome] = []
        for place, outcome in enumerate(outcomes):
            try:
                self.settle([outcome])
            except Unavailable:
                return [*again, *outcomes[place:]]
            except Exception as error:  # noqa: BLE001 - whatever it is, others are recorded
                tried = replace(outcome, attempts=outcome.attempts + 1)
                if tried.attempts < MAX_ATTEMPTS:
                    again.append(tried)
                    continue
                patient_id, name = outcome.leased.patient_id, type(error).__name__
                log.error("an outcome is not recorded", patient_id=patient_id, error=name)
                metrics.unrecorded_outcomes.inc()
        return again

    def _sent_reports(
        self, outcomes: Sequence[SendOutcome], first: frozenset[LetterId]
    ) -> Sequence[SentReport]:
        """Return accepted documents, those left out that a status told of first."""
        return [
            SentReport(
                one.leased.patient_id,
                sent.content.report_id,
                LaneId(self._index(*sent.to.identity)),
            )
            for one in outcomes
            if isinstance((sent := one.leased.outgoing).content, Document)
            and isinstance(one.answer, Accepted)
            and sent.reference in first
        ]
