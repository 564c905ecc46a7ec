"""The audit table: rows can only be added; the database links them into chains soon after."""

from collections.abc import Sequence

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import arrays
from medvault.domain.audit import Entry
from medvault.ports.persistence import Audit

_APPEND = text("""
INSERT INTO audit (id, patient_id, action, report_id, identity, note)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:patients AS uuid[]), CAST(:actions AS text[]),
                     CAST(:reports AS uuid[]), CAST(:identities AS uuid[]), CAST(:notes AS bytea[]))
""")
_LINK = text("SELECT link_audit(:most)")


class PostgresAudit(Audit):
    """Writes audit rows of the patients whose vaults the unit of work has opened."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def append(self, entries: Sequence[Entry]) -> None:
        if entries:
            parameters = {
                "ids": arrays.uuids([entry.id for entry in entries]),
                "patients": arrays.uuids([entry.vault_id for entry in entries]),
                "actions": arrays.words([entry.action for entry in entries]),
                "reports": arrays.uuids([entry.report_id for entry in entries]),
                "identities": arrays.uuids([entry.identity for entry in entries]),
                "notes": arrays.byteas([entry.note for entry in entries]),
            }
            self._connection.execute(_APPEND, parameters)

    @override
    def link(self, most: int) -> int:
        linked: int = self._connection.execute(_LINK, {"most": most}).scalar_one()
        return linked
