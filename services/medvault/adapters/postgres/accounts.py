"""Accounts: patients take turns at the media workers, and what each used is put to their account.

Who waits longest is next, and goes to the end of the line with it. The turn decides, not the
wake-up; a wake-up is only a worker's reason to ask.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from medvault.adapters.postgres import arrays
from medvault.domain.media import KEPT
from medvault.domain.quotas import QUIET, Held, Quotas, Used, file_waits, is_heavy
from medvault.ports.accounts import Turn

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
# A statement about a patient's files has to say all of this in the very words of its index.
_IN_HAND = """(
    EXISTS (SELECT FROM media h WHERE h.patient_id = a.patient_id AND h.held_until > now())
    OR EXISTS (
        SELECT FROM outbox h WHERE h.patient_id = a.patient_id
        AND h.state + 0 = 0 AND h.leased_at IS NOT NULL
        AND (h.due_at > now() OR h.leased_at > now() - CAST(:reserved AS interval)))
)"""
# Two statements in one round trip. The first locks the account that is next; the second reads with
# a new snapshot, and so sees all that was added, and taken, by whoever held the account before.
# Whoever adds a file holds the account until it is committed. Where all that are due are held,
# there is no patient in the answer, and one may look again.
_TURN = text(f"""
WITH idle AS (
    SELECT patient_id FROM accounts a WHERE turn_at < 'infinity' AND turn_at <= now()
    AND NOT {_IN_HAND} ORDER BY turn_at LIMIT 1 FOR UPDATE SKIP LOCKED
), busy AS (
    SELECT patient_id FROM accounts a WHERE turn_at < 'infinity' AND turn_at <= now()
    AND NOT :only_idle AND NOT EXISTS (SELECT FROM idle)
    ORDER BY turn_at LIMIT 1 FOR UPDATE SKIP LOCKED
), next AS (
    SELECT patient_id, 'idle' AS found FROM idle UNION ALL SELECT patient_id, 'busy' FROM busy
)
SELECT set_config('medvault.turn', coalesce(max(CAST(patient_id AS text)), ''), true),
       set_config('medvault.turn_found', coalesce(max(found), CASE WHEN NOT :only_idle AND EXISTS (
           SELECT FROM accounts WHERE turn_at < 'infinity' AND turn_at <= now()
       ) THEN 'skipped' ELSE '' END), true) FROM next;

WITH mine AS MATERIALIZED (
    SELECT a.patient_id, files_until, bytes_until, cpu_until,
        greatest(files_until - CAST(:files AS interval), bytes_until - CAST(:bytes AS interval),
                 cpu_until - CAST(:cpu AS interval)) AS free_at,
        current_setting('medvault.turn_found', true) = 'busy' OR NOT {_IN_HAND} AS free,
        coalesce(held_back_at < now() - CAST(:quiet AS interval), true) AS unknown
    FROM accounts a
    WHERE patient_id = CAST(nullif(current_setting('medvault.turn', true), '') AS uuid)
), barred AS MATERIALIZED (
    SELECT m.id, least(mine.free_at, m.created_at + CAST(:kept AS interval)) AS due_at
    FROM mine CROSS JOIN LATERAL (
        SELECT id, created_at FROM media m WHERE m.patient_id = mine.patient_id
        AND coalesce(m.due_at, 'infinity') < 'infinity' AND coalesce(m.due_at, 'infinity') <= now()
        AND m.state = 'wanted' AND m.created_at > now() - CAST(:kept AS interval)
        AND coalesce(m.held_until, '-infinity') <= now()
        ORDER BY m.patient_id, coalesce(m.due_at, 'infinity')
        LIMIT :most FOR UPDATE SKIP LOCKED
    ) m WHERE mine.free AND mine.free_at > now()
), waiting AS (
    UPDATE media m SET due_at = barred.due_at FROM barred WHERE m.id = barred.id RETURNING m.id
), files AS (
    SELECT m.id, m.due_at, m.suspected, 'file' AS kind FROM mine CROSS JOIN LATERAL (
        SELECT id, due_at, held_until IS NOT NULL AS suspected FROM media m
        WHERE m.patient_id = mine.patient_id
        AND coalesce(m.due_at, 'infinity') < 'infinity' AND coalesce(m.due_at, 'infinity') <= now()
        AND coalesce(m.held_until, '-infinity') <= now()
        AND (mine.free_at <= now() OR m.state <> 'wanted'
             OR m.created_at <= now() - CAST(:kept AS interval))
        ORDER BY m.patient_id, coalesce(m.due_at, 'infinity') LIMIT 2 FOR UPDATE SKIP LOCKED
    ) m WHERE mine.free
), documents AS (
    SELECT o.id, o.due_at, o.suspected, 'document' AS kind FROM mine CROSS JOIN LATERAL (
        SELECT id, due_at, leased_at IS NOT NULL AS suspected FROM outbox o
        WHERE o.patient_id = mine.patient_id AND o.state + 0 = 0 AND o.due_at <= now()
        AND coalesce(o.leased_at, '-infinity') <= now() - CAST(:reserved AS interval)
        ORDER BY o.patient_id, o.due_at LIMIT 2 FOR UPDATE SKIP LOCKED
    ) o WHERE mine.free
), due AS (
    SELECT * FROM files UNION ALL SELECT * FROM documents ORDER BY due_at LIMIT 2
), chosen AS (
    SELECT * FROM due ORDER BY due_at LIMIT 1
), file AS (
    UPDATE media SET held_until = now() + CAST(:reserved AS interval)
    WHERE id = (SELECT id FROM chosen WHERE kind = 'file')
), document AS (
    UPDATE outbox SET leased_at = now()
    WHERE id = (SELECT id FROM chosen WHERE kind = 'document')
), moved AS (
    UPDATE accounts a SET
        turn_at = CASE WHEN mine.free AND (SELECT count(*) FROM due) < 2
                            AND (SELECT count(*) FROM barred) < :most THEN 'infinity'
                       ELSE clock_timestamp() END,
        held_back_at = CASE WHEN EXISTS (SELECT FROM waiting) THEN now() ELSE a.held_back_at END
    FROM mine WHERE a.patient_id = mine.patient_id
)
SELECT mine.patient_id, looked.found = 'busy' AS extra, chosen.id,
       coalesce(chosen.suspected, false) AS suspected,
       (SELECT id FROM waiting LIMIT 1) AS waiting, mine.unknown AS unknown, now() AS now,
       mine.files_until, mine.bytes_until, mine.cpu_until
FROM (SELECT current_setting('medvault.turn_found', true)) AS looked (found)
LEFT JOIN mine ON true LEFT JOIN chosen ON true
WHERE mine.patient_id IS NOT NULL OR looked.found = 'skipped'
""")  # noqa: S608 - a constant
_CHARGE = text("""
INSERT INTO accounts AS a (patient_id, files_until, bytes_until, cpu_until)
VALUES (:patient, now() + CAST(:files AS interval), now() + CAST(:bytes AS interval),
        now() + CAST(:cpu AS interval))
ON CONFLICT (patient_id) DO UPDATE SET
    files_until = greatest(a.files_until, now()) + CAST(:files AS interval),
    bytes_until = greatest(a.bytes_until, now()) + CAST(:bytes AS interval),
    cpu_until = greatest(a.cpu_until, now()) + CAST(:cpu AS interval)
""")
# From patient to patient by the index: of each only what is due first is read. Nobody is on the way
# to what somebody let fall; of anything else the wake-up may be.
_OVERDUE = text("""
WITH RECURSIVE files AS (
    (SELECT patient_id, due_at, held_until FROM media
     WHERE coalesce(due_at, 'infinity') < 'infinity'
     AND patient_id > :after AND patient_id <= :up_to
     ORDER BY patient_id, coalesce(due_at, 'infinity') LIMIT 1)
    UNION ALL
    SELECT following.* FROM files CROSS JOIN LATERAL (
        SELECT patient_id, due_at, held_until FROM media
        WHERE coalesce(due_at, 'infinity') < 'infinity'
        AND patient_id > files.patient_id AND patient_id <= :up_to
        ORDER BY patient_id, coalesce(due_at, 'infinity') LIMIT 1) following
), documents AS (
    (SELECT patient_id, due_at, leased_at FROM outbox
     WHERE state + 0 = 0 AND patient_id > :after AND patient_id <= :up_to
     ORDER BY patient_id, due_at LIMIT 1)
    UNION ALL
    SELECT following.* FROM documents CROSS JOIN LATERAL (
        SELECT patient_id, due_at, leased_at FROM outbox
        WHERE state + 0 = 0 AND patient_id > documents.patient_id AND patient_id <= :up_to
        ORDER BY patient_id, due_at LIMIT 1) following
), late AS MATERIALIZED (
    (SELECT patient_id FROM files WHERE due_at < now()
     AND (held_until <= now() OR held_until IS NULL AND due_at < now() - interval '2 seconds')
     LIMIT :limit)
    UNION
    (SELECT patient_id FROM documents WHERE due_at < now()
     AND (leased_at IS NOT NULL OR due_at < now() - interval '2 seconds') LIMIT :limit)
), lost AS (
    INSERT INTO accounts AS a (patient_id, turn_at)
    SELECT patient_id, now() FROM late WHERE NOT EXISTS (
        SELECT FROM accounts known
        WHERE known.patient_id = late.patient_id AND known.turn_at <= now())
    ORDER BY patient_id
    ON CONFLICT (patient_id) DO UPDATE SET turn_at = least(a.turn_at, excluded.turn_at)
)
SELECT found.id FROM late CROSS JOIN LATERAL (
    (SELECT id FROM media m WHERE m.patient_id = late.patient_id
     AND coalesce(m.due_at, 'infinity') < 'infinity' AND coalesce(m.due_at, 'infinity') <= now()
     ORDER BY m.patient_id, coalesce(m.due_at, 'infinity') LIMIT :each)
    UNION ALL
    (SELECT id FROM outbox o WHERE o.patient_id = late.patient_id
     AND o.state + 0 = 0 AND o.due_at <= now() ORDER BY o.patient_id, o.due_at LIMIT :each)
    LIMIT :each
) found
""")


class PostgresAccounts:
    """The accounts on the connection of a unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def line_up(self, patients: Sequence[UUID]) -> None:
        """Give these patients a turn, behind all who wait; whoever waits already keeps theirs."""
        if patients:
            self._connection.execute(_LINE_UP, {"patients": arrays.uuids(patients)})

    def turn(self, quotas: Quotas, *, only_idle: bool = False) -> Turn | None:
        """Take the turn of who waits longest; None where nobody does."""
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
            return Turn(row.patient_id, row.id, row.suspected, extra=extra)
        until = {
            Held.FILES: row.files_until, Held.BYTES: row.bytes_until, Held.CPU: row.cpu_until
        }  # fmt: skip
        wait = file_waits(until, quotas, row.now)
        return Turn(row.patient_id, row.id, row.suspected, wait, row.waiting, row.unknown, extra)

    def charge(self, patient_id: UUID, used: Used, quotas: Quotas) -> None:
        """Put what was used into the patient's buckets."""
        parameters = {
            "patient": patient_id,
            "files": _interval(quotas.files.lasts(used.files)),
            "bytes": _interval(quotas.bytes.lasts(used.bytes)),
            "cpu": _interval(quotas.cpu.lasts(used.cpu)),
        }
        self._connection.execute(_CHARGE, parameters)

    def overdue(self, limit: int, each: int) -> Sequence[UUID]:
        """Give a turn to patients who have lost theirs; from a random one on, who is late first."""
        here = uuid4()
        found: list[UUID] = []
        for after, up_to in ((here, _LAST), (_FIRST, here)):
            parameters = {"after": after, "up_to": up_to, "limit": limit, "each": each}
            found += self._connection.execute(_OVERDUE, parameters).scalars()
        return found


def _interval(length: timedelta) -> str:
    return f"{length.total_seconds():f} s"
