"""The audit table: rows can only be added."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from medvault.adapters.postgres import arrays
from medvault.domain.audit import Entry

_APPEND = text("""
INSERT INTO audit (id, patient_id, action, report_id)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:patients AS uuid[]),
                     CAST(:actions AS text[]), CAST(:reports AS uuid[]))
""")


class PostgresAudit:
    """Writes audit rows of the patients whose vaults the unit of work has opened."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries."""
        if entries:
            self._connection.execute(
                _APPEND,
                {
                    "ids": arrays.uuids(e.id for e in entries),
                    "patients": arrays.uuids(e.patient_id for e in entries),
                    "actions": arrays.words(e.action for e in entries),
                    "reports": arrays.uuids(e.report_id for e in entries),
                },
            )
