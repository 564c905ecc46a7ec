"""Timers of conversations, on the connection of one unit of work."""

from collections.abc import Sequence

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import arrays
from medvault.adapters.postgres.inbox import PostgresInbox
from medvault.domain.identifiers import LaneId
from medvault.domain.updates import UpdateKind
from medvault.ports.timers import Timer, Timers

_SET = text("""
INSERT INTO timers (patient_id, name, rings_at)
SELECT * FROM unnest(
    CAST(:patients AS uuid[]), CAST(:names AS text[]), CAST(:times AS timestamptz[]))
ON CONFLICT (patient_id, name) DO UPDATE SET rings_at = excluded.rings_at
""")
_RING = text("SELECT patient_id, name, rings_at FROM lease_timers(:limit)")


class PostgresTimers(Timers):
    """Timers are written without a patient's words, so they need no key."""

    def __init__(self, connection: Connection, inbox: PostgresInbox) -> None:
        self._connection = connection
        self._inbox = inbox

    @override
    def set(self, timers: Sequence[Timer]) -> None:
        if timers:
            parameters = {
                "patients": arrays.uuids([timer.patient_id for timer in timers]),
                "names": arrays.words([timer.name for timer in timers]),
                "times": arrays.times([timer.rings_at for timer in timers]),
            }
            self._connection.execute(_SET, parameters)

    @override
    def ring(self, limit: int) -> Sequence[LaneId]:
        due = self._connection.execute(_RING, {"limit": limit}).all()
        return [
            self._inbox.tell(
                patient_id, UpdateKind.TIMED_OUT, {"deadline": at.isoformat(), "timer": name}
            )
            for patient_id, name, at in due
        ]
