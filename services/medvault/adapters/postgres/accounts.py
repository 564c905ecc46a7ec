"""Accounts: patients take turns at the media workers, and what each used is put to their account.

The patient who waits longest is next, and then goes to the end of the line. The turn decides, not
the wake-up; a wake-up is only a worker's reason to ask.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, assert_never
from uuid import UUID, uuid4

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import arrays
from medvault.domain.identifiers import LetterId, MediaId, PersonId
from medvault.domain.media import KEPT
from medvault.domain.quotas import QUIET, Held, Quotas, Used, file_waits, is_heavy
from medvault.ports.accounts import Accounts, DocumentJob, FileJob, Job, JobKind, Turn

RESERVED = timedelta(seconds=5)
"""How long a turn's file is kept for whoever took the turn; less than a lease."""
_AT_ONCE = 256
"""Files of one patient that are put off in one turn; the rest in the next."""
_LAST = UUID(int=2**128 - 1)
_FIRST = UUID(int=0)

_LINE_UP = text("""
INSERT INTO accounts AS a (patient_id, turn_at)
SELECT DISTINCT patient_id, now() FROM unnest(CAST(:patients AS uuid[])) AS p (patient_id)
ORDER BY patient_id
ON CONFLICT (patient_id) DO UPDATE SET turn_at = least(a.turn_at, excluded.turn_at)
""")
_TURN = text("""
SELECT * FROM lease_job(:only_idle, :files, :bytes, :cpu, :reserved, :quiet, :kept, :most)
""")
_CHARGE = text("SELECT charge_account(:patient, :files, :bytes, :cpu)")
_OVERDUE = text("SELECT overdue_files(:after, :up_to, :limit, :each)")


class PostgresAccounts(Accounts):
    """The accounts on the connection of a unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def line_up(self, patients: Sequence[PersonId]) -> None:
        if patients:
            self._connection.execute(_LINE_UP, {"patients": arrays.uuids(patients)})

    @override
    def turn(self, quotas: Quotas, *, only_idle: bool = False) -> Turn | None:
        parameters = {
            "only_idle": only_idle,
            "files": _interval(quotas.files.period),
            "bytes": _interval(quotas.bytes.period),
            "cpu": _interval(quotas.cpu.period),
            "reserved": _interval(RESERVED),
            "quiet": _interval(QUIET),
            "kept": _interval(KEPT),
            "most": _AT_ONCE,
        }
        row = self._connection.execute(_TURN, parameters).one_or_none()
        if row is None:
            return None
        extra = row.extra or is_heavy(row.cpu_until, quotas, row.now)
        if row.waiting is None:
            return Turn(row.patient_id, _job(row), row.suspected, extra=extra)
        until = {
            Held.FILES: row.files_until, Held.BYTES: row.bytes_until, Held.CPU: row.cpu_until
        }  # fmt: skip
        wait = file_waits(until, quotas, row.now)
        return Turn(row.patient_id, _job(row), row.suspected, wait, row.waiting, row.unknown, extra)

    @override
    def charge(self, patient_id: PersonId, used: Used, quotas: Quotas) -> None:
        parameters = {
            "patient": patient_id,
            "files": _interval(quotas.files.lasts(used.files)),
            "bytes": _interval(quotas.bytes.lasts(used.bytes)),
            "cpu": _interval(quotas.cpu.lasts(used.cpu)),
        }
        self._connection.execute(_CHARGE, parameters)

    @override
    def overdue(self, limit: int, each: int) -> Sequence[MediaId | LetterId]:
        """Give a turn to patients who have lost theirs; from a random one on, who is late first."""
        here = uuid4()
        found: list[MediaId | LetterId] = []
        for after, up_to in ((here, _LAST), (_FIRST, here)):
            parameters = {"after": after, "up_to": up_to, "limit": limit, "each": each}
            found += self._connection.execute(_OVERDUE, parameters).scalars()
        return found


def _job(row: Any) -> Job | None:
    if row.kind is None:
        return None
    match JobKind(row.kind):
        case JobKind.FILE:
            return FileJob(row.id)
        case JobKind.DOCUMENT:
            return DocumentJob(row.id)
        case never:
            assert_never(never)


def _interval(length: timedelta) -> str:
    return f"{length.total_seconds():f} s"
