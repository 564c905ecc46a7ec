"""The audit table: rows can only be added, and are linked into chains soon after."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import Connection, text

from medvault.adapters.postgres import arrays
from medvault.domain.audit import Action, Entry, Link, Recorded

_APPEND = text("""
INSERT INTO audit (id, patient_id, action, report_id)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:patients AS uuid[]),
                     CAST(:actions AS text[]), CAST(:reports AS uuid[]))
""")
_APPEND_WITH_NOTE = text("""
INSERT INTO audit (id, patient_id, action, report_id, note)
VALUES (:id, :patient_id, :action, :report_id, :note)
""")
_ALONE = text("SELECT pg_try_advisory_xact_lock(:lock)")
_TO_LINK = text("""
SELECT id, patient_id, action, report_id, at, note FROM audit_entries_to_link(:limit)
""")
_HEADS = text("""
SELECT DISTINCT ON (patient_id) patient_id, position, hash FROM audit_links
WHERE patient_id = ANY (CAST(:patients AS uuid[])) ORDER BY patient_id, position DESC
""")
_LINK = text("""
INSERT INTO audit_links (patient_id, position, audit_id, hash)
SELECT * FROM unnest(CAST(:patients AS uuid[]), CAST(:positions AS bigint[]),
                     CAST(:entries AS uuid[]), CAST(:hashes AS bytea[]));
DELETE FROM audit_unlinked WHERE audit_id = ANY (CAST(:entries AS uuid[]))
""")
_SEQUENCER = 0x61756469  # "audi"


class PostgresAudit:
    """Writes audit rows of the patients whose vaults the unit of work has opened."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries."""
        plain = [entry for entry in entries if entry.note is None]
        if plain:
            self._connection.execute(
                _APPEND,
                {
                    "ids": arrays.uuids([e.id for e in plain]),
                    "patients": arrays.uuids([e.patient_id for e in plain]),
                    "actions": arrays.words([e.action for e in plain]),
                    "reports": arrays.uuids([e.report_id for e in plain]),
                },
            )
        for entry in entries:
            if entry.note is not None:
                self._connection.execute(_APPEND_WITH_NOTE, asdict(entry))

    def unlinked(self, limit: int) -> Sequence[Recorded]:
        """Return the oldest entries without a link; none while somebody else links."""
        if not self._connection.execute(_ALONE, {"lock": _SEQUENCER}).scalar_one():
            return []
        return [
            Recorded(
                Entry(id, patient_id, Action(action), report_id, bytes(note) if note else None), at
            )
            for id, patient_id, action, report_id, at, note in self._connection.execute(
                _TO_LINK, {"limit": limit}
            )
        ]

    def heads(self, patients: Sequence[UUID]) -> dict[UUID, tuple[int, bytes]]:
        """Return the last position and hash of each patient's chain."""
        rows = self._connection.execute(_HEADS, {"patients": arrays.uuids(patients)})
        return {patient_id: (position, bytes(digest)) for patient_id, position, digest in rows}

    def link(self, links: Sequence[Link]) -> None:
        """Write links."""
        if links:
            self._connection.execute(
                _LINK,
                {
                    "patients": arrays.uuids([link.patient_id for link in links]),
                    "positions": arrays.numbers([link.position for link in links]),
                    "entries": arrays.uuids([link.entry_id for link in links]),
                    "hashes": arrays.byteas([link.hash for link in links]),
                },
            )
