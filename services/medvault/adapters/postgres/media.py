"""Received files, from their announcement until they lie in the vault."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import arrays, codec
from medvault.domain.conversation.state import Backlog, Draft
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import MediaId, PersonId, ReportId, vault_of
from medvault.domain.media import KEPT, Attachment, FileKind, MediaState, Verdict
from medvault.domain.place import Place
from medvault.domain.reports import ReportFile
from medvault.ports import Sealer
from medvault.ports.vault import Filing, MediaRecord, MediaRecords, NewFile

_ADD = text("""
INSERT INTO media (id, patient_id, sealed)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:patients AS uuid[]), CAST(:sealed AS bytea[]))
""")
_CHECK_AGAIN = text("""
UPDATE media SET state = 'stored', verdict = NULL, attempts = 0, due_at = now()
WHERE id = ANY (CAST(:ids AS uuid[])) AND state = 'lost' AND report_id IS NULL
""")
_DISCARD = text("""
UPDATE media SET state = 'discarded', due_at = NULL
WHERE id = ANY (CAST(:ids AS uuid[])) AND state NOT IN ('filing', 'filed')
""")
_DISCARD_BACKLOG = text("""
UPDATE media SET state = 'discarded', due_at = NULL
WHERE id > :after AND id <= :last AND patient_id = :patient AND state NOT IN ('filing', 'filed')
""")
_BACKLOG = text("""
SELECT id, sealed, verdict, removed FROM media
WHERE id > :after AND id <= :last AND patient_id = :patient
AND state IN ('wanted', 'stored', 'checked', 'refused', 'lost') ORDER BY id LIMIT :limit
""")
_FILE = text("""
UPDATE media m SET state = 'filing', report_id = f.report_id, attempts = 0,
    due_at = CASE WHEN f.first THEN now() END
FROM unnest(CAST(:ids AS uuid[]), CAST(:reports AS uuid[]), CAST(:first AS boolean[]))
    AS f (id, report_id, first)
WHERE m.id = f.id AND m.state = 'checked'
""")
_FILED = text("""
UPDATE media SET state = 'filed', due_at = NULL, held_until = NULL
WHERE id = ANY (CAST(:ids AS uuid[]))
""")
_LOSE = text("""
UPDATE media SET state = 'lost', due_at = NULL, held_until = NULL
WHERE id = ANY (CAST(:ids AS uuid[]))
""")
_CLAIM = text("SELECT * FROM lease_file(:id, :lease, :kept)")
_FILES = text("""
SELECT f.media_id, f.position, m.removed IS NOT NULL AS copied
FROM report_files f JOIN media m ON m.id = f.media_id
WHERE f.report_id = :report ORDER BY f.position
""")
_COPIED = text("SELECT copy_is_stored(:id, :removed, :size)")
_COPIES = text("SELECT copied_files(CAST(:ids AS uuid[]))")
_STORED = text("SELECT file_is_stored(:id, :kind, :size)")
_CHECKED = text("SELECT judge_file(:id, :state, :verdict)")
_RENEW = text("SELECT hold_file(:id, :lease)")
_RELEASE = text("SELECT release_file(:id)")
_POSTPONE = text("SELECT postpone_file(:id, :wait, :uncounted, :alone)")
_LEFTOVERS = text("SELECT leftover_files(:limit)")
_SWEPT = text("SELECT files_are_swept(CAST(:ids AS uuid[]))")


class PostgresMedia(MediaRecords):
    """The table of received files on the connection of a unit of work."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    @override
    def add(self, files: Sequence[NewFile]) -> None:
        if files:
            parameters = {
                "ids": arrays.uuids([file.id for file in files]),
                "patients": arrays.uuids([file.patient_id for file in files]),
                "sealed": arrays.byteas(
                    self._sealer.seal(
                        codec.dump(codec.attachment_json(file.attachment)),
                        Place.announcement(file.id, vault_of(file.patient_id)),
                    )
                    for file in files
                ),
            }
            self._connection.execute(_ADD, parameters)

    @override
    def check_again(self, ids: Sequence[MediaId]) -> None:
        if ids:
            self._connection.execute(_CHECK_AGAIN, {"ids": arrays.uuids(ids)})

    @override
    def discard(self, ids: Sequence[MediaId]) -> None:
        if ids:
            self._connection.execute(_DISCARD, {"ids": arrays.uuids(ids)})

    @override
    def discard_backlog(self, patient_id: PersonId, backlog: Backlog) -> None:
        self._connection.execute(_DISCARD_BACKLOG, _range(patient_id, backlog))

    @override
    def backlog(self, patient_id: PersonId, backlog: Backlog, limit: int) -> Sequence[Draft]:
        parameters = _range(patient_id, backlog) | {"limit": limit}
        return [
            self._draft(patient_id, *row)
            for row in self._connection.execute(_BACKLOG, parameters).all()
        ]

    def _draft(
        self,
        patient_id: PersonId,
        id: MediaId,
        sealed: memoryview,
        verdict: str | None,
        removed: str | None,
    ) -> Draft:
        announced = self._attachment(Place.announcement(id, vault_of(patient_id)), sealed)
        return Draft(
            id,
            announced.filename,
            Verdict(verdict) if verdict else None,
            announced.day,
            copied=removed is not None,
            removed=Verdict(removed) if removed else None,
        )

    @override
    def file(self, filings: Sequence[Filing]) -> None:
        if filings:
            files = [(file, one) for one in filings for file in one.files]
            parameters = {
                "ids": arrays.uuids([file.media_id for file, _ in files]),
                "reports": arrays.uuids([one.report.id for _, one in files]),
                "first": arrays.booleans([file is one.files[0] for file, one in files]),
            }
            self._connection.execute(_FILE, parameters)

    @override
    def filed(self, ids: Sequence[MediaId]) -> None:
        self._connection.execute(_FILED, {"ids": arrays.uuids(ids)})

    @override
    def lose(self, ids: Sequence[MediaId]) -> None:
        self._connection.execute(_LOSE, {"ids": arrays.uuids(ids)})

    @override
    def claim(self, id: MediaId, lease: timedelta) -> MediaRecord | None:
        parameters = {
            "id": id,
            "lease": f"{lease.total_seconds()} s",
            "kept": f"{KEPT.total_seconds()} s",
        }
        row = self._connection.execute(_CLAIM, parameters).one_or_none()
        if row is None:
            return None
        state = MediaState(row.state)
        return MediaRecord(
            row.id,
            row.patient_id,
            state,
            self._attachment(Place.announcement(id, vault_of(row.patient_id)), row.sealed),
            row.attempts,
            FileKind(row.kind) if row.kind else None,
            row.size,
            row.report_id,
            row.late,
            files=self._files(row.report_id) if state is MediaState.FILING else (),
        )

    def _files(self, report_id: ReportId) -> tuple[ReportFile, ...]:
        rows = self._connection.execute(_FILES, {"report": report_id})
        return tuple(ReportFile(row.media_id, row.position, row.copied) for row in rows)

    def _attachment(self, place: Place, sealed: memoryview) -> Attachment:
        """Open an announcement; one that can't be opened is empty, and fails where it is used."""
        try:
            clear = self._sealer.open(bytes(sealed), place)
            return codec.read(codec.attachment, clear)
        except Permanent:
            return Attachment("", "")

    @override
    def stored(self, id: MediaId, kind: FileKind, size: int) -> bool:
        parameters = {"id": id, "kind": kind, "size": size}
        return bool(self._connection.execute(_STORED, parameters).scalar_one_or_none())

    @override
    def copied(self, id: MediaId, removed: Verdict, size: int) -> bool:
        parameters = {"id": id, "removed": removed, "size": size}
        return bool(self._connection.execute(_COPIED, parameters).scalar_one_or_none())

    @override
    def copies(self, ids: Sequence[MediaId]) -> Collection[MediaId]:
        if not ids:
            return frozenset()
        found = self._connection.execute(_COPIES, {"ids": arrays.uuids(ids)})
        return frozenset(found.scalars())

    @override
    def checked(self, id: MediaId, verdict: Verdict) -> bool:
        states = {Verdict.WAITING: None, Verdict.UNCHECKED: MediaState.LOST}
        judged = MediaState.CHECKED if verdict.accepted else MediaState.REFUSED
        parameters = {"id": id, "state": states.get(verdict, judged), "verdict": verdict}
        return bool(self._connection.execute(_CHECKED, parameters).scalar_one())

    @override
    def renew(self, id: MediaId, lease: timedelta) -> None:
        parameters = {"id": id, "lease": f"{lease.total_seconds()} s"}
        self._connection.execute(_RENEW, parameters)

    @override
    def release(self, id: MediaId) -> None:
        self._connection.execute(_RELEASE, {"id": id})

    @override
    def postpone(self, id: MediaId, wait: timedelta, *, counts: bool, alone: bool = False) -> None:
        parameters = {
            "id": id,
            "wait": f"{wait.total_seconds()} s",
            "uncounted": 0 if counts else 1,
            "alone": alone,
        }
        self._connection.execute(_POSTPONE, parameters)

    @override
    def leftovers(self, limit: int) -> Sequence[MediaId]:
        return list(self._connection.execute(_LEFTOVERS, {"limit": limit}).scalars())

    @override
    def swept(self, ids: Sequence[MediaId]) -> None:
        if ids:
            self._connection.execute(_SWEPT, {"ids": arrays.uuids(ids)})


def _range(patient_id: PersonId, backlog: Backlog) -> dict[str, Any]:
    return {"patient": patient_id, "after": backlog.after, "last": backlog.last}
