"""The vault's reports; row-level policies show those of vaults that a lease has opened."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import arrays, codec
from medvault.domain import object_keys
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import PersonId, ReportId, VaultId
from medvault.domain.media import FileKind
from medvault.domain.place import Place
from medvault.domain.reports import Report, ReportFile, ReportState
from medvault.ports import Sealer
from medvault.ports.vault import Filing, Owned, Reports, StoredFile, StoredReport

log = structlog.get_logger()

_SHELF = text("""
SELECT p.id AS owner, v.proof, r.* FROM unnest(CAST(:patients AS uuid[])) AS p (id)
CROSS JOIN LATERAL (
    SELECT p.id, CAST(NULL AS bytea) UNION ALL
    SELECT a.vault_id, a.sealed FROM access a WHERE a.patient_id = p.id
    AND a.valid_from <= now() AND coalesce(a.valid_to, 'infinity') > now()
) v (id, proof)
CROSS JOIN LATERAL (
    SELECT id, patient_id, sealed, scanned FROM reports
    WHERE patient_id = v.id AND state <> 'lost' OFFSET 0
) r
""")
_HOLDERS = text("""
SELECT p.id FROM unnest(CAST(:patients AS uuid[])) AS p (id)
WHERE EXISTS (SELECT FROM reports WHERE patient_id = p.id)
""")
_ADD = text("""
WITH filing AS (
    INSERT INTO reports (id, patient_id, scanned, sealed)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:patients AS uuid[]),
                         CAST(:scanned AS boolean[]), CAST(:sealed AS bytea[]))
)
INSERT INTO report_files (report_id, patient_id, position, media_id)
SELECT * FROM unnest(CAST(:reports AS uuid[]), CAST(:owners AS uuid[]),
                     CAST(:positions AS smallint[]), CAST(:media AS uuid[]))
""")
_FILED = text("""
UPDATE reports SET state = 'filed', filed_at = now() WHERE id = :id AND state = 'filing'
RETURNING id
""")
_LOSE = text("UPDATE reports SET state = 'lost' WHERE id = :id AND state = 'filing'")
_FIND = text("""
SELECT w.patient_id AS owner, a.sealed AS proof, r.id, r.patient_id, r.state, r.scanned, r.sealed,
    files.*
FROM unnest(CAST(:patients AS uuid[]), CAST(:reports AS uuid[])) AS w (patient_id, id)
JOIN reports r ON r.id = w.id AND r.state <> 'lost'
LEFT JOIN access a ON a.patient_id = w.patient_id AND a.vault_id = r.patient_id
    AND a.valid_from <= now() AND coalesce(a.valid_to, 'infinity') > now()
CROSS JOIN LATERAL (
    SELECT array_agg(f.position ORDER BY f.position) AS positions,
        array_agg(f.media_id ORDER BY f.position) AS media,
        array_agg(m.kind ORDER BY f.position) AS kinds,
        array_agg(m.size ORDER BY f.position) AS sizes
    FROM report_files f JOIN media m ON m.id = f.media_id WHERE f.report_id = r.id
) files
WHERE NOT EXISTS (
    SELECT FROM conversations c WHERE c.patient_id = w.patient_id AND c.locked_at IS NOT NULL
)
""")


class PostgresReports(Reports):
    """The reports on the connection of a unit of work."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    @override
    def shelf(self, patients: Sequence[PersonId]) -> Mapping[PersonId, Sequence[Report]]:
        shelves: dict[PersonId, list[Report]] = {patient_id: [] for patient_id in patients}
        if patients:
            rows = self._connection.execute(_SHELF, {"patients": arrays.uuids(patients)})
            for row in rows:
                if self._may_read(row) and (opened := self._opened(row)):
                    shelves[row.owner].append(opened.report)
        return shelves

    @override
    def holders(self, patients: Sequence[PersonId]) -> Collection[PersonId]:
        if not patients:
            return frozenset()
        found = self._connection.execute(_HOLDERS, {"patients": arrays.uuids(patients)})
        return frozenset(found.scalars())

    @override
    def add(self, filings: Sequence[Filing]) -> None:
        if filings:
            files = [(file, one) for one in filings for file in one.files]
            parameters = {
                "ids": arrays.uuids([one.report.id for one in filings]),
                "patients": arrays.uuids([one.vault_id for one in filings]),
                "scanned": arrays.booleans([one.report.scanned for one in filings]),
                "sealed": arrays.byteas([self._sealed(one) for one in filings]),
                "reports": arrays.uuids([one.report.id for _, one in files]),
                "owners": arrays.uuids([one.vault_id for _, one in files]),
                "positions": arrays.numbers([file.position for file, _ in files]),
                "media": arrays.uuids([file.media_id for file, _ in files]),
            }
            self._connection.execute(_ADD, parameters)

    def _sealed(self, filing: Filing) -> bytes:
        clear = codec.dump(codec.report_json(filing.report, filing.files))
        return self._sealer.seal(clear, Place.report(filing.report.id, filing.vault_id))

    @override
    def filed(self, report_id: ReportId) -> bool:
        row = self._connection.execute(_FILED, {"id": report_id}).one_or_none()
        return row is not None

    @override
    def lose(self, report_id: ReportId) -> None:
        self._connection.execute(_LOSE, {"id": report_id})

    @override
    def find(self, pairs: Sequence[Owned]) -> Mapping[Owned, StoredReport]:
        parameters = {
            "patients": arrays.uuids([patient_id for patient_id, _ in pairs]),
            "reports": arrays.uuids([report_id for _, report_id in pairs]),
        }
        rows = self._connection.execute(_FIND, parameters).all()
        found = [(row, self._stored(row)) for row in rows if self._may_read(row)]
        return {Owned(row.owner, row.id): stored for row, stored in found if stored}

    def _may_read(self, row: Any) -> bool:
        """Whether a report is in its owner's vault, or in one that they were given access to."""
        if row.patient_id == row.owner:
            return True
        if row.proof is None:
            return False
        try:
            place = Place.access(row.owner, row.patient_id)
            codec.read(codec.access, self._sealer.open(bytes(row.proof), place))
        except Permanent:
            log.error("somebody wrote an access that nobody gave", patient_id=row.owner)
            return False
        return True

    def _stored(self, row: Any) -> StoredReport | None:
        """Return a report with its files; one with a file of no known kind or size is left out."""
        opened = self._opened(row, listed=True)
        if opened is None or None in row.sizes or not set(row.kinds) <= set(FileKind):
            return None
        files = tuple(
            StoredFile(
                file.position,
                object_keys.report(row.id, file.position),
                _place(file, row.patient_id),
                FileKind(kind),
                size,
            )
            for file, kind, size in zip(opened.files, row.kinds, row.sizes, strict=True)
        )
        return StoredReport(opened.report, row.patient_id, files, row.state == ReportState.FILED)

    def _opened(self, row: Any, *, listed: bool = False) -> "_Opened | None":
        """Open a report; one that can't be opened is left out, not to hold up the others.

        So is one whose row has other files than it names itself, where these are `listed`.
        """
        try:
            place = Place.report(row.id, row.patient_id)
            clear = self._sealer.open(bytes(row.sealed), place)
            named, scanned = codec.read(codec.vouched, clear)
            files = _listed(row, named) if listed else named
            known = row.scanned if scanned is None else scanned
            positions = tuple(file.position for file in files) or (1,)
            return _Opened(
                Report(row.id, codec.read(codec.details, clear), known, positions), files
            )
        except Permanent:
            log.warning("a report can't be opened", report_id=row.id)
            return None


class _Opened(NamedTuple):
    """A report and its files, which one of the release before names only in its row."""

    report: Report
    files: tuple[ReportFile, ...]


def _place(file: ReportFile, vault_id: VaultId) -> Place:
    """Return where a file's bytes are sealed: a copy opens as one only."""
    bound = Place.copy if file.copied else Place.file
    return bound(file.media_id, vault_id)


def _listed(row: Any, named: tuple[ReportFile, ...]) -> tuple[ReportFile, ...]:
    """Return a report's files; raises `Permanent` where its rows and it name others."""
    found = tuple(map(ReportFile, row.media or (), row.positions or ()))
    files = named or found
    if not files or found != tuple(replace(file, copied=False) for file in files):
        raise Permanent("a report that names other files")
    return files
