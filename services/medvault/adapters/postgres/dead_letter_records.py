"""The dead letter office: administrators see dead letters here, and deal with them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres.inbox import place_of
from medvault.adapters.postgres.states import named
from medvault.domain.dead_letters import DeadLetter, Ending, Kind
from medvault.domain.identifiers import NOBODY, LaneId, PersonId, vault_of
from medvault.domain.place import Place
from medvault.domain.updates import UpdateKind
from medvault.ports import Sealer
from medvault.ports.dead_letters import DeadLetterRecords

_LISTED = text("SELECT * FROM list_dead_letters(:kind, :age, :limit)")
_LOCK = text("SELECT * FROM lease_dead_letter(:id)")
_END = text("""
UPDATE dead_letters SET ended_at = now(), ending = :ending, content = NULL WHERE id = :id
""")
_OWN_CONTENT = "SELECT content FROM dead_letters WHERE id = :id"

# Its place in the order stays, behind all that was handled meanwhile.
_REPLAY_UPDATE = """
UPDATE inbox SET done_at = NULL, outcome = NULL, attempts = 0, due_at = now(), received_at = now()
WHERE key = :id AND outcome IN ('dead', 'kept') AND content IS NOT NULL RETURNING key
"""
_DISCARD_UPDATE = """
UPDATE inbox SET content = NULL, outcome = 'discarded'
WHERE key = :id AND outcome IN ('dead', 'kept')
"""
# Only a report that its patient has confirmed can still be filed, with all of its files. For other
# files they were asked again, or will be asked about them again.
_REPLAY_FILE = """
WITH again AS (
    UPDATE media SET state = 'filing', attempts = 0, due_at = now()
    WHERE id = :id AND state = 'lost' AND report_id IS NOT NULL RETURNING id, report_id
), others AS (
    UPDATE media m SET state = 'filing', attempts = 0 FROM again
    JOIN report_files f ON f.report_id = again.report_id AND f.media_id <> again.id
    WHERE m.id = f.media_id AND m.state = 'lost'
)
UPDATE reports r SET state = 'filing' FROM again WHERE r.id = again.report_id RETURNING r.id
"""
_UNCHECKED = text("""
SELECT patient_id FROM media WHERE id = :id AND state = 'lost' AND report_id IS NULL
""")
_DISCARD_FILE = named("""
WITH gone AS (
    UPDATE media SET sealed = '', due_at = NULL,
        state = CASE state WHEN 'lost' THEN 'discarded' ELSE state END
    WHERE id = :id AND state IN ('lost', 'refused') RETURNING id, report_id
), others AS (
    UPDATE media m SET sealed = '', state = 'discarded' FROM gone
    JOIN report_files f ON f.report_id = gone.report_id AND f.media_id <> gone.id
    WHERE m.id = f.media_id AND m.state = 'lost'
)
UPDATE outbox o SET state = {FAILED}, changed_at = now() FROM gone
WHERE o.held_for = gone.report_id AND {unindexed o.state} = {PREPARING}
""")
# A document is uploaded again. Nothing leaves for an identity that has changed meanwhile.
_REPLAY_REPLY = named("""
UPDATE outbox o SET state = CASE WHEN report_id IS NULL THEN {QUEUED} ELSE {PREPARING} END,
    attempts = 0, repeats = 0, due_at = now(), leased_at = NULL, changed_at = now()
WHERE id = :id AND state = {FAILED} AND content <> '' AND EXISTS (
    SELECT FROM conversations c
    WHERE c.patient_id = o.patient_id AND c.subject = o.subject AND c.locked_at IS NULL
) RETURNING id
""")
_DISCARD_REPLY = named("UPDATE outbox SET content = '' WHERE id = :id AND state = {FAILED}")
_UPDATE_PATIENT = """
SELECT c.patient_id FROM inbox i JOIN conversations c ON c.subject = i.subject WHERE i.key = :id
"""


class _Kind(NamedTuple):
    """Where a kind's content lies, to which place it is bound, whose it is, and how it ends.

    `content` selects the sealed content, and the arguments of `place` behind the letter's id.
    """

    content: str
    place: Callable[..., Place]
    patient: str | None = None
    replay: str | None = None
    discard: str | None = None


def _update(key: UUID, kind: str, subject: LaneId, patient_id: PersonId | None) -> Place:
    return place_of(key, UpdateKind(kind), subject, patient_id or NOBODY)


_UPDATE = _Kind(
    """
    SELECT i.content, i.kind, i.subject, c.patient_id FROM inbox i
    LEFT JOIN conversations c ON c.subject = i.subject WHERE i.key = :id
    """,
    _update,
    _UPDATE_PATIENT,
    _REPLAY_UPDATE,
    _DISCARD_UPDATE,
)
_KINDS: Mapping[Kind, _Kind] = {
    Kind.UPDATE: _UPDATE,
    Kind.KEPT: _UPDATE,
    Kind.CONVERSATION: _Kind(
        _OWN_CONTENT,
        Place.state,
        "SELECT patient_id FROM conversations WHERE patient_id = :id",
    ),
    Kind.WEBHOOK: _Kind(_OWN_CONTENT, lambda _: Place.webhook()),
    Kind.FILE: _Kind(
        "SELECT sealed, patient_id FROM media WHERE id = :id",
        lambda id, patient_id: Place.announcement(id, vault_of(patient_id)),
        "SELECT patient_id FROM media WHERE id = :id",
        _REPLAY_FILE,
        _DISCARD_FILE,
    ),
    Kind.REPLY: _Kind(
        "SELECT content, patient_id FROM outbox WHERE id = :id",
        Place.letter,
        "SELECT patient_id FROM outbox WHERE id = :id",
        _REPLAY_REPLY,
        _DISCARD_REPLY,
    ),
}


class PostgresDeadLetterRecords(DeadLetterRecords):
    """The table of dead letters, and what they refer to, on the connection of a unit of work."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    @override
    def listed(self, kind: Kind | None, older_than: timedelta, limit: int) -> Sequence[DeadLetter]:
        age = f"{older_than.total_seconds()} s"
        rows = self._connection.execute(_LISTED, {"kind": kind, "age": age, "limit": limit})
        return [_letter(row) for row in rows]

    @override
    def lock(self, id: UUID) -> DeadLetter | None:
        row = self._connection.execute(_LOCK, {"id": id}).one_or_none()
        return None if row is None else _letter(row)

    @override
    def patient(self, letter: DeadLetter) -> PersonId | None:
        patient_id: PersonId | None = self._one(_KINDS[letter.kind].patient, letter)
        return patient_id

    @override
    def content(self, letter: DeadLetter) -> bytes | None:
        kind = _KINDS[letter.kind]
        row = self._connection.execute(text(kind.content), {"id": letter.id}).one_or_none()
        if row is None or not row[0]:
            return None
        return self._sealer.open(bytes(row[0]), kind.place(letter.id, *row[1:]))

    @override
    def unchecked(self, letter: DeadLetter) -> PersonId | None:
        patient_id: PersonId | None = self._connection.execute(
            _UNCHECKED, {"id": letter.id}
        ).scalar()
        return patient_id

    @override
    def replay(self, letter: DeadLetter) -> bool:
        back = self._one(_KINDS[letter.kind].replay, letter) is not None
        if back:
            self.end(letter, Ending.REPLAYED)
        return back

    @override
    def end(self, letter: DeadLetter, ending: Ending) -> None:
        self._connection.execute(_END, {"id": letter.id, "ending": ending})

    @override
    def discard(self, letter: DeadLetter) -> None:
        statement = _KINDS[letter.kind].discard
        if statement is not None:
            self._connection.execute(text(statement), {"id": letter.id})
        self.end(letter, Ending.DISCARDED)

    def _one(self, statement: str | None, letter: DeadLetter) -> Any:
        if statement is None:
            return None
        return self._connection.execute(text(statement), {"id": letter.id}).scalar()


def _letter(row: Any) -> DeadLetter:
    id, kind, reason, error, attempts, began_at, died_at, ending, ended_at = row
    ended = Ending(ending) if ending else None
    return DeadLetter(id, Kind(kind), reason, error, attempts, began_at, died_at, ended, ended_at)
