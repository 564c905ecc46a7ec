"""The vault's reports; row-level policies show those of vaults that a lease has opened."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, text

from medvault.adapters.postgres import arrays, codec
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import PersonId, ReportId
from medvault.domain.media import FileKind
from medvault.domain.place import Place
from medvault.domain.reports import Report, ReportState
from medvault.ports import Sealer
from medvault.ports.vault import Filing, Owned, StoredReport

log = structlog.get_logger()

_SHELF = text("""
SELECT p.id AS owner, r.* FROM unnest(CAST(:patients AS uuid[])) AS p (id) CROSS JOIN LATERAL (
    SELECT id, patient_id, media_id, sealed, scanned FROM reports
    WHERE patient_id = ANY (ARRAY(
        SELECT p.id UNION ALL
        SELECT joined FROM joinings WHERE joinings.patient_id = p.id
        AND approved_at IS NOT NULL AND ended_at IS NULL
    )) AND state <> 'lost' OFFSET 0
) r
""")
_HOLDERS = text("""
SELECT p.id FROM unnest(CAST(:patients AS uuid[])) AS p (id)
WHERE EXISTS (SELECT FROM reports WHERE patient_id = p.id)
""")
_ADD = text("""
INSERT INTO reports (id, patient_id, media_id, scanned, sealed)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:patients AS uuid[]), CAST(:media AS uuid[]),
                     CAST(:scanned AS boolean[]), CAST(:sealed AS bytea[]))
""")
_FILED = text("""
UPDATE reports SET state = 'filed', filed_at = now() WHERE id = :id AND state = 'filing'
RETURNING id
""")
_LOSE = text("UPDATE reports SET state = 'lost' WHERE id = :id AND state = 'filing'")
_FIND = text("""
SELECT w.patient_id AS owner, r.id, r.patient_id, r.media_id, r.state, r.scanned, r.sealed, m.kind,
    m.size
FROM unnest(CAST(:patients AS uuid[]), CAST(:reports AS uuid[])) AS w (patient_id, id)
JOIN reports r ON r.id = w.id AND r.state <> 'lost' AND r.patient_id = ANY (ARRAY(
    SELECT w.patient_id UNION ALL
    SELECT joined FROM joinings j
    WHERE j.patient_id = w.patient_id AND j.approved_at IS NOT NULL AND j.ended_at IS NULL
))
JOIN media m ON m.id = r.media_id
WHERE NOT EXISTS (
    SELECT FROM conversations c WHERE c.patient_id = w.patient_id AND c.locked_at IS NOT NULL
)
""")


class PostgresReports:
    """The reports on the connection of a unit of work."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def shelf(self, patients: Sequence[PersonId]) -> Mapping[PersonId, Sequence[Report]]:
        """Return each patient's reports, and those of vaults that were joined to theirs."""
        shelves: dict[PersonId, list[Report]] = {patient_id: [] for patient_id in patients}
        if patients:
            rows = self._connection.execute(_SHELF, {"patients": arrays.uuids(patients)})
            for row in rows:
                if report := self._opened(row):
                    shelves[row.owner].append(report)
        return shelves

    def holders(self, patients: Sequence[PersonId]) -> Collection[PersonId]:
        """Return those of the patients who have reports."""
        if not patients:
            return frozenset()
        found = self._connection.execute(_HOLDERS, {"patients": arrays.uuids(patients)})
        return frozenset(found.scalars())

    def add(self, filings: Sequence[Filing]) -> None:
        """Write reports as `filing`."""
        if filings:
            parameters = {
                "ids": arrays.uuids([one.report.id for one in filings]),
                "patients": arrays.uuids([one.vault_id for one in filings]),
                "media": arrays.uuids([one.media_id for one in filings]),
                "scanned": arrays.words(str(one.report.scanned).lower() for one in filings),
                "sealed": arrays.byteas([self._sealed(one) for one in filings]),
            }
            self._connection.execute(_ADD, parameters)

    def _sealed(self, filing: Filing) -> bytes:
        clear = codec.dump(codec.report_json(filing.report, filing.media_id))
        return self._sealer.seal(clear, Place.report(filing.report.id, filing.vault_id))

    def filed(self, report_id: ReportId) -> bool:
        """Mark a report as filed; False if it was already."""
        row = self._connection.execute(_FILED, {"id": report_id}).one_or_none()
        return row is not None

    def lose(self, report_id: ReportId) -> None:
        """Mark a report as one that could not be filed; nobody finds it any more."""
        self._connection.execute(_LOSE, {"id": report_id})

    def find(self, pairs: Sequence[Owned]) -> Mapping[Owned, StoredReport]:
        """Return reports by (patient, report), without those that the patient does not own."""
        parameters = {
            "patients": arrays.uuids([patient_id for patient_id, _ in pairs]),
            "reports": arrays.uuids([report_id for _, report_id in pairs]),
        }
        rows = self._connection.execute(_FIND, parameters).all()
        return {Owned(row.owner, row.id): stored for row in rows if (stored := self._stored(row))}

    def _stored(self, row: Any) -> StoredReport | None:
        """Return a report with its file; one whose file has no known kind or size is left out."""
        report = self._opened(row)
        if report is None or row.kind not in set(FileKind) or row.size is None:
            return None
        filed = row.state == ReportState.FILED
        return StoredReport(
            report, row.patient_id, row.media_id, FileKind(row.kind), row.size, filed
        )

    def _opened(self, row: Any) -> Report | None:
        """Open a report; one that can't be opened is left out, not to hold up the others."""
        try:
            place = Place.report(row.id, row.patient_id)
            clear = self._sealer.open(bytes(row.sealed), place)
            media_id, scanned, copied = codec.read(codec.vouched, clear)
            if media_id not in (None, row.media_id):
                raise Permanent("a report that names another file")
            known = row.scanned if scanned is None else scanned
            return Report(row.id, codec.read(codec.details, clear), known, copied)
        except Permanent:
            log.warning("a report can't be opened", report_id=row.id)
            return None
