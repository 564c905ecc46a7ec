"""The inbox: every update once, in the order that the database gave it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import arrays, codec
from medvault.domain.errors import Misplaced, Permanent
from medvault.domain.identifiers import NOBODY, LaneId, PersonId
from medvault.domain.place import Place
from medvault.domain.updates import STATUSES, PendingUpdate, SealedUpdate, UpdateKind
from medvault.ports import BlindIndex, Sealer
from medvault.ports.persistence import Inbox

ADD = """
INSERT INTO inbox (key, subject, kind, content)
SELECT * FROM unnest({keys}, {subjects}, {kinds}, {contents}) ON CONFLICT DO NOTHING
"""
_ADD = text(
    ADD.format(
        keys="CAST(:keys AS uuid[])",
        subjects="CAST(:subjects AS uuid[])",
        kinds="CAST(:kinds AS text[])",
        contents="CAST(:contents AS bytea[])",
    )
)
_TELL = text("SELECT tell_conversation(:patient, :key, :kind, :content)")
_FINISH = text("""
UPDATE inbox SET done_at = now(), outcome = :outcome, content = NULL
WHERE seq = ANY (CAST(:seqs AS bigint[]))
""")
_RETRY_LATER = text("""
UPDATE inbox SET attempts = attempts + :more, due_at = now() + interval '2 seconds'
WHERE seq = ANY (CAST(:seqs AS bigint[]))
""")
# An update that only waits is not tried, also where attempts were counted before they began: that
# goes for the first that waits, and for those behind it.
_PUT_OFF = text("""
UPDATE inbox SET due_at = w.until, attempts = CASE WHEN attempts <= 2 THEN 0 ELSE attempts - 1 END
FROM unnest(CAST(:seqs AS bigint[]), CAST(:times AS timestamptz[])) AS w (seq, until)
WHERE inbox.seq = w.seq;
UPDATE inbox SET attempts = 0
FROM unnest(CAST(:seqs AS bigint[])) AS w (seq)
JOIN inbox first ON first.seq = w.seq
WHERE inbox.subject = first.subject AND inbox.done_at IS NULL AND inbox.seq > w.seq
AND inbox.attempts BETWEEN 1 AND 2
""")
# The try before, of which nobody knows the end, was not counted.
_COUNT_ATTEMPTS = text("""
UPDATE inbox SET attempts = greatest(attempts + 1, 2) WHERE seq = ANY (CAST(:seqs AS bigint[]))
""")
_REFUND_ATTEMPTS = text("SELECT refund_attempts(CAST(:seqs AS bigint[]))")
_KEEP_STATUSES = text("""
UPDATE inbox SET due_at = now() + interval '5 minutes', attempts = 0,
    done_at = CASE WHEN received_at < now() - interval '1 hour' THEN now() END,
    outcome = CASE WHEN received_at < now() - interval '1 hour' THEN 'unmatched' END
WHERE seq = ANY (CAST(:seqs AS bigint[]))
""")
_STATUSES = text("SELECT * FROM lease_statuses(:limit, :tried)")
_WAITING = text("SELECT lanes_waiting(CAST(:subjects AS uuid[]))")
_OVERDUE = text("SELECT lanes_overdue(:after, :up_to, :age, :limit)")
_LANE_OVERDUE = text("SELECT statuses_overdue(:age)")
_LAG = text("SELECT inbox_lag(:after, :up_to, :limit)")
_MEASURED = 1000
"""Conversations whose oldest update is looked at to tell how late all are."""
_LAST = UUID(int=2**128 - 1)


def columns(updates: Sequence[SealedUpdate]) -> dict[str, str]:
    """Return the updates as array literals, a column each."""
    return {
        "keys": arrays.uuids([u.key for u in updates]),
        "subjects": arrays.uuids([u.subject for u in updates]),
        "kinds": arrays.words([u.kind for u in updates]),
        "contents": arrays.byteas([u.content for u in updates]),
    }


def place_of(key: UUID, kind: UpdateKind, subject: LaneId, patient_id: PersonId) -> Place:
    """Return where an update of a conversation lies."""
    return Place.own_update(key, patient_id) if kind.own else Place.update(key, subject)


def opened(
    sealer: Sealer,
    row: tuple[int, UUID, str, memoryview | None, int],
    subject: LaneId,
    patient: PersonId,
) -> PendingUpdate:
    """Open a row of seq, key, kind, content and attempts.

    Content that can't be opened is empty, and fails where it is read.
    """
    seq, key, word, content, attempts = row
    try:
        kind = UpdateKind(word)
        place = place_of(key, kind, subject, patient)
        return PendingUpdate(seq, kind, sealer.open(bytes(content or b""), place), attempts)
    except Permanent as error:
        return PendingUpdate(seq, kind, b"", attempts, isinstance(error, Misplaced))
    except ValueError:
        return PendingUpdate(seq, UpdateKind.KEPT, b"", attempts, misplaced=True)


class PostgresInbox(Inbox):
    """The inbox on the connection of a unit of work."""

    def __init__(self, connection: Connection, sealer: Sealer, index: BlindIndex) -> None:
        self._connection = connection
        self._sealer = sealer
        self._index = index

    @override
    def add(self, updates: Sequence[SealedUpdate]) -> None:
        if updates:
            self._connection.execute(_ADD, columns(updates))

    @override
    def tell(self, patient_id: PersonId, kind: UpdateKind, content: Mapping[str, str]) -> LaneId:
        key = self._index("update", "|".join((kind, patient_id.hex, *content.values())))
        place = Place.own_update(key, patient_id)
        parameters = {
            "patient": patient_id,
            "key": key,
            "kind": kind,
            "content": self._sealer.seal(codec.dump(dict(content)), place),
        }
        subject: LaneId = self._connection.execute(_TELL, parameters).scalar_one()
        return subject

    @override
    def finish(self, seqs: Sequence[int], outcome: str) -> None:
        if seqs:
            parameters = {"seqs": arrays.numbers(seqs), "outcome": outcome}
            self._connection.execute(_FINISH, parameters)

    @override
    def retry_later(self, seqs: Sequence[int], *, counted: bool = False) -> None:
        if seqs:
            parameters = {"seqs": arrays.numbers(seqs), "more": 0 if counted else 1}
            self._connection.execute(_RETRY_LATER, parameters)

    @override
    def put_off(self, updates: Sequence[tuple[int, datetime]]) -> None:
        if updates:
            parameters = {
                "seqs": arrays.numbers([seq for seq, _ in updates]),
                "times": arrays.times([until for _, until in updates]),
            }
            self._connection.execute(_PUT_OFF, parameters)

    @override
    def count_attempts(self, seqs: Collection[int]) -> None:
        if seqs:
            self._connection.execute(_COUNT_ATTEMPTS, {"seqs": arrays.numbers(seqs)})

    @override
    def refund_attempts(self, seqs: Collection[int]) -> None:
        if seqs:
            self._connection.execute(_REFUND_ATTEMPTS, {"seqs": arrays.numbers(seqs)})

    @override
    def keep_statuses(self, seqs: Sequence[int]) -> None:
        if seqs:
            self._connection.execute(_KEEP_STATUSES, {"seqs": arrays.numbers(seqs)})

    @override
    def claim_statuses(self, limit: int, *, tried: bool = False) -> Sequence[PendingUpdate]:
        rows = self._connection.execute(_STATUSES, {"limit": limit, "tried": tried})
        return [
            opened(self._sealer, (seq, key, kind, content, attempts), STATUSES, NOBODY)
            for seq, key, kind, content, attempts in rows
        ]

    @override
    def waiting(self, subjects: Sequence[LaneId]) -> Sequence[LaneId]:
        parameters = {"subjects": arrays.uuids(subjects)}
        return list(self._connection.execute(_WAITING, parameters).scalars())

    @override
    def lag_seconds(self) -> float:
        """Return the age of the oldest pending update; in a large backlog that of a sample."""
        here = uuid4()
        ends = ((here, _LAST), (STATUSES, here))
        return max(self._lag(after, up_to) for after, up_to in ends)

    def _lag(self, after: UUID, up_to: UUID) -> float:
        parameters = {"after": after, "up_to": up_to, "limit": _MEASURED}
        return float(self._connection.execute(_LAG, parameters).scalar_one())

    @override
    def overdue(self, older_than: timedelta, limit: int) -> Sequence[LaneId]:
        """Return subjects whose updates have been pending for too long, from a random one on."""
        age = {"age": f"{older_than.total_seconds()} s"}
        late = self._connection.execute(_LANE_OVERDUE, age).scalar()
        found = [STATUSES] if late else []
        here = uuid4()
        for after, up_to in ((here, _LAST), (STATUSES, here)):
            parameters = age | {"after": after, "up_to": up_to, "limit": limit - len(found)}
            found += self._connection.execute(_OVERDUE, parameters).scalars()
        return found
