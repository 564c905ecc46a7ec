"""The outbox: leased recipient by recipient, oldest first, by the database's clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import arrays, codec
from medvault.adapters.postgres.reached_keys import reached
from medvault.adapters.postgres.states import statement
from medvault.domain.confirmation import WATCHED, Told, Unheard
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import LaneId, LetterId, PersonId, ReportId
from medvault.domain.outbound import (
    DOCUMENT_WAITS,
    LEASE_ENDS,
    REPEAT_AFTER,
    UNCONFIRMED_HOLDS,
    Content,
    DeliveryStatus,
    Document,
    Outgoing,
    SendState,
)
from medvault.domain.place import Place
from medvault.ports import BlindIndex, Sealer
from medvault.ports.outbox import (
    Climbed,
    LateDocument,
    Leased,
    Letter,
    LostReport,
    Outbox,
    SentReport,
    Settled,
)

_ADD = text("""
INSERT INTO outbox (id, patient_id, subject, state, content, report_id, held_for, due_at)
SELECT i.id, i.patient_id, i.subject, i.state, i.content, i.report_id, i.held_for,
       CASE WHEN i.held_for IS NULL THEN now() ELSE timestamptz 'infinity' END
FROM unnest(CAST(:ids AS uuid[]), CAST(:patients AS uuid[]), CAST(:subjects AS uuid[]),
            CAST(:states AS smallint[]), CAST(:contents AS bytea[]), CAST(:reports AS uuid[]),
            CAST(:held AS uuid[]))
    WITH ORDINALITY AS i (id, patient_id, subject, state, content, report_id, held_for, place)
ORDER BY i.place
""")
_RELEASE = statement("""
UPDATE outbox SET state = {QUEUED}, due_at = now()
WHERE held_for = :report AND {unindexed state} = {PREPARING} RETURNING subject
""")
_LEASE = text("SELECT * FROM lease_letters(:limit, :holds, CAST(:waits AS float8[]), :patience)")
_TOLD = text("SELECT told_at, letters, longest FROM status_delays(:most)")
_UNHEARD = text("SELECT * FROM unheard_letters(:late, :watched)")
_HASTEN = text("SELECT hasten_letters(:sent_before, CAST(:pauses AS float8[]), :dying)")
# Rows are locked in one order, as statuses of the same messages come while these are settled. Only
# good news counts of an attempt that another one has followed. A message that is put back as it was
# found, in doubt, has not been repeated. A recipient who has been served goes behind everybody
# whose first message is due.
_SETTLE = statement("""
SELECT open_letters(CAST(:ids AS uuid[]));
SELECT FROM outbox WHERE id = ANY (ARRAY(
    SELECT unnest(CAST(:ids AS uuid[])) UNION SELECT id FROM outbox
    WHERE subject = ANY (CAST(:subjects AS uuid[]))
    AND state > {PARKED} AND state < {SENDING} AND due_at < now()
)) ORDER BY id FOR UPDATE;
UPDATE outbox SET due_at = now()
WHERE subject = ANY (CAST(:subjects AS uuid[]))
AND state > {PARKED} AND state < {SENDING} AND due_at < now();
UPDATE outbox o SET changed_at = now(), wamid = coalesce(s.wamid, o.wamid),
    code = CASE WHEN o.state < {ACCEPTED} THEN s.code ELSE coalesce(o.code, s.code) END,
    state = CASE WHEN o.state < {ACCEPTED} THEN s.state ELSE greatest(o.state, s.state) END,
    due_at = CASE WHEN s.wait IS NULL THEN o.due_at
                  ELSE now() + s.wait * interval '1 second' END,
    attempts = o.attempts - s.uncounted,
    repeats = o.repeats
        - CASE WHEN s.state IN ({SENDING}, {UNCONFIRMED}) THEN s.uncounted ELSE 0 END
FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS smallint[]), CAST(:waits AS float8[]),
            CAST(:uncounted AS smallint[]), CAST(:wamids AS uuid[]), CAST(:codes AS integer[]),
            CAST(:attempts AS smallint[]))
    AS s (id, state, wait, uncounted, wamid, code, attempts)
JOIN outbox before ON before.id = s.id
WHERE o.id = s.id AND (s.state >= {ACCEPTED} OR o.attempts = s.attempts)
RETURNING o.id, before.wamid IS NULL
""")
_CLIMB = text("""
SELECT * FROM climb_letters(
    CAST(:places AS integer[]), CAST(:references AS uuid[]), CAST(:wamids AS uuid[]),
    CAST(:states AS smallint[]), CAST(:codes AS integer[]), :holds)
""")
_WRITE_OFF = statement("""
UPDATE outbox SET state = {FAILED}, changed_at = now() WHERE id = ANY (CAST(:ids AS uuid[]));
SELECT bury_replies(CAST(:ids AS uuid[]), array_fill(CAST('unreadable' AS text), ARRAY[:most]),
                    array_fill(CAST(NULL AS text), ARRAY[:most]))
""")
_CLAIM_UPLOAD = text("SELECT * FROM lease_upload(:id, :lease)")
_RENEW = statement("""
SELECT open_letters(ARRAY[CAST(:id AS uuid)]);
UPDATE outbox SET due_at = now() + CAST(:lease AS interval)
WHERE id = :id AND {unindexed state} = {PREPARING}
""")
_UNPARK = statement("""
UPDATE outbox SET state = {QUEUED}, due_at = now()
WHERE subject = ANY (CAST(:subjects AS uuid[])) AND state = {PARKED}
""")
_POSTPONE = statement("""
SELECT open_letters(ARRAY[CAST(:id AS uuid)]);
UPDATE outbox SET due_at = now() + CAST(:wait AS interval),
    leased_at = CASE WHEN :alone THEN leased_at END, attempts = attempts - :uncounted
WHERE id = :id AND {unindexed state} = {PREPARING}
""")
_READY = statement("""
SELECT open_letters(ARRAY[CAST(:id AS uuid)]);
UPDATE outbox SET state = {QUEUED}, attempts = 0, due_at = now(), changed_at = now(),
    leased_at = NULL, content = :content
WHERE id = :id AND {unindexed state} = {PREPARING}
""")
# A parked message leaves with the patient's next message, and a held one with its report. Only the
# index by patient fits the sum: any other would seem free to read from end to end.
_OPEN_REPLIES = statement("""
SELECT p.patient_id, found.open
FROM (SELECT DISTINCT unnest(CAST(:patients AS uuid[])) AS patient_id) p
CROSS JOIN LATERAL (
    SELECT count(*) AS open FROM (
        SELECT FROM outbox o WHERE o.patient_id = p.patient_id AND {unindexed o.state} < {ACCEPTED}
        AND o.state <> {PARKED} AND o.due_at < 'infinity' LIMIT :most
    ) letters
) found
""")
# A worker that sends one of these just now has it locked; it is no longer unsent.
_UNSENT = statement("""
SELECT l.* FROM (SELECT DISTINCT unnest(CAST(:patients AS uuid[])) AS patient_id) p
CROSS JOIN LATERAL (
    SELECT id, patient_id, subject, attempts, content, seq, state, repeats FROM outbox o
    WHERE o.patient_id = p.patient_id AND {unindexed o.state} = {QUEUED}
    ORDER BY o.seq LIMIT :most FOR UPDATE SKIP LOCKED
) l
""")
_WITHDRAW = statement("""
UPDATE outbox SET state = {FAILED}, changed_at = now() WHERE id = ANY (CAST(:ids AS uuid[]))
""")
_NEXT = text("SELECT seconds_to_next_letter()")
_MOST_TOLD = 400
"""Seconds in which statuses came that are read: enough for as many as are needed of any pace."""


class PostgresOutbox(Outbox):
    """The outbox on the connection of a unit of work."""

    def __init__(self, connection: Connection, sealer: Sealer, index: BlindIndex) -> None:
        self._connection = connection
        self._sealer = sealer
        self._index = index

    @override
    def add(self, letters: Sequence[Letter]) -> None:
        if letters:
            states = [_first_state(letter) for letter in letters]
            parameters = {
                "ids": arrays.uuids([letter.id for letter in letters]),
                "patients": arrays.uuids([letter.patient_id for letter in letters]),
                "subjects": arrays.uuids([letter.subject for letter in letters]),
                "states": arrays.numbers([int(state) for state in states]),
                "contents": arrays.byteas([self._seal(letter) for letter in letters]),
                "reports": arrays.uuids([_report_of(letter) for letter in letters]),
                "held": arrays.uuids([letter.held_for for letter in letters]),
            }
            self._connection.execute(_ADD, parameters)

    def _seal(self, letter: Letter) -> bytes:
        return self._sealed(Outgoing(letter.id, letter.to, letter.content), letter.patient_id)

    def _sealed(self, outgoing: Outgoing, patient_id: PersonId) -> bytes:
        clear = codec.dump(codec.letter_json(outgoing.to, outgoing.content))
        return self._sealer.seal(clear, Place.letter(outgoing.reference, patient_id))

    def _leased(self, row: Any) -> Leased:
        id, patient_id, subject, attempts, sealed, _, found, repeats, *more = row
        clear = self._sealer.open(bytes(sealed), Place.letter(id, patient_id))
        to, content = codec.read(codec.letter, clear)
        outgoing = Outgoing(id, to, content)
        return Leased(
            outgoing, patient_id, subject, attempts, SendState(found), repeats, *_history(*more)
        )

    @override
    def lease(self, limit: int, waits: Sequence[timedelta] = (REPEAT_AFTER,)) -> Sequence[Leased]:
        parameters = {
            "limit": limit,
            "holds": _interval(UNCONFIRMED_HOLDS),
            "waits": _seconds(waits),
            "patience": _interval(DOCUMENT_WAITS),
        }
        rows = self._connection.execute(_LEASE, parameters).all()
        return self._opened(sorted(rows, key=lambda row: row.seq))

    @override
    def told(self) -> Sequence[Told]:
        rows = self._connection.execute(_TOLD, {"most": _MOST_TOLD})
        return [Told(row.told_at, row.letters, row.longest) for row in rows]

    @override
    def unheard(self, late: timedelta) -> Unheard:
        parameters = {"late": _interval(late), "watched": _interval(WATCHED)}
        return Unheard(*self._connection.execute(_UNHEARD, parameters).one())

    @override
    def hasten(self, sent_before: datetime, pauses: Sequence[timedelta]) -> None:
        parameters = {
            "sent_before": sent_before,
            "pauses": _seconds(pauses),
            "dying": _interval(LEASE_ENDS),
        }
        self._connection.execute(_HASTEN, parameters)

    def _opened(self, rows: Sequence[Any]) -> Sequence[Leased]:
        """Open messages; those that can't be are given up, not to hold up the others."""
        leased, broken = [], []
        for row in rows:
            try:
                leased.append(self._leased(row))
            except Permanent:
                broken.append(row.id)
        if broken:
            parameters = {"ids": arrays.uuids(broken), "most": len(broken)}
            self._connection.execute(_WRITE_OFF, parameters)
        return leased

    @override
    def settle(self, settled: Sequence[Settled]) -> frozenset[LetterId]:
        if not settled:
            return frozenset()
        waiting = (SendState.QUEUED, SendState.SENDING, SendState.UNCONFIRMED)
        parameters = {
            "ids": arrays.uuids([one.leased.outgoing.reference for one in settled]),
            "states": arrays.numbers([int(one.step.state) for one in settled]),
            "waits": arrays.numbers(
                None
                if step.due_in is None or step.state not in waiting
                else step.due_in.total_seconds()
                for _, step, *_ in settled
            ),
            "uncounted": arrays.numbers([0 if one.step.counts else 1 for one in settled]),
            "wamids": arrays.uuids(
                self._index("wamid", one.wamid) if one.wamid else None for one in settled
            ),
            "codes": arrays.numbers([one.code for one in settled]),
            "attempts": arrays.numbers([one.leased.attempts for one in settled]),
            "subjects": arrays.uuids({one.leased.subject for one in settled}),
        }
        rows = self._connection.execute(_SETTLE, parameters).all()
        return frozenset(id for id, not_yet_accepted in rows if not_yet_accepted)

    @override
    def climb(self, statuses: Sequence[DeliveryStatus]) -> Climbed:
        if not statuses:
            return Climbed(frozenset(), (), (), 0, {})
        parameters = {
            "places": arrays.numbers(range(len(statuses))),
            "references": arrays.uuids([status.reference for status in statuses]),
            "wamids": arrays.uuids([self._index("wamid", status.wamid) for status in statuses]),
            "states": arrays.numbers([int(status.state) for status in statuses]),
            "codes": arrays.numbers([status.code for status in statuses]),
            "holds": _interval(UNCONFIRMED_HOLDS),
        }
        rows = self._connection.execute(_CLIMB, parameters).all()
        matched = frozenset(place for places, *_ in rows for place in places)
        lost = [
            LostReport(id, patient_id, report_id)
            for _, id, patient_id, report_id, state, *_ in rows
            if report_id is not None and state == SendState.FAILED
        ]
        sent = [
            SentReport(patient_id, report_id, subject)
            for _, _, patient_id, report_id, _, subject, _, unheard_of in rows
            if report_id is not None and unheard_of
        ]
        refused = {
            patient_id: id
            for places, id, patient_id, *_ in rows
            if any(statuses[place].identity_changed for place in places)
        }
        proofs = {
            id: [proof for place in places if (proof := statuses[place].proof)]
            for places, id, *_ in rows
        }
        confirmed = sum(in_doubt for *_, in_doubt, _ in rows)
        return Climbed(
            matched, lost, sent, confirmed, refused, reached(self._connection, self._sealer, proofs)
        )

    @override
    def claim_upload(self, id: LetterId, lease: timedelta) -> Leased | None:
        parameters = {"id": id, "lease": _interval(lease)}
        return next(
            iter(self._opened(self._connection.execute(_CLAIM_UPLOAD, parameters).all())), None
        )

    @override
    def renew_upload(self, id: LetterId, lease: timedelta) -> None:
        self._connection.execute(_RENEW, {"id": id, "lease": _interval(lease)})

    @override
    def postpone_upload(
        self, id: LetterId, wait: timedelta, *, counts: bool, alone: bool = False
    ) -> None:
        uncounted = 0 if counts else 1
        parameters = {"id": id, "wait": _interval(wait), "uncounted": uncounted, "alone": alone}
        self._connection.execute(_POSTPONE, parameters)

    @override
    def ready(self, leased: Leased, document: Content) -> None:
        outgoing = Outgoing(leased.outgoing.reference, leased.outgoing.to, document)
        parameters = {
            "id": outgoing.reference,
            "content": self._sealed(outgoing, leased.patient_id),
        }
        self._connection.execute(_READY, parameters)

    @override
    def release(self, report_id: ReportId) -> Sequence[LaneId]:
        return list(self._connection.execute(_RELEASE, {"report": report_id}).scalars())

    @override
    def unpark(self, subjects: Sequence[LaneId]) -> None:
        if subjects:
            self._connection.execute(_UNPARK, {"subjects": arrays.uuids(subjects)})

    @override
    def open_replies(self, patients: Sequence[PersonId], most: int) -> Mapping[PersonId, int]:
        parameters = {"patients": arrays.uuids(patients), "most": most}
        rows = self._connection.execute(_OPEN_REPLIES, parameters)
        return {row.patient_id: row.open for row in rows}

    @override
    def unsent(self, patients: Sequence[PersonId], most: int) -> Sequence[Leased]:
        parameters = {"patients": arrays.uuids(patients), "most": most}
        rows = self._connection.execute(_UNSENT, parameters).all()
        return self._opened(sorted(rows, key=lambda row: row.seq))

    @override
    def withdraw(self, ids: Sequence[LetterId]) -> None:
        self._connection.execute(_WITHDRAW, {"ids": arrays.uuids(ids)})

    @override
    def seconds_to_next(self) -> float | None:
        seconds = self._connection.execute(_NEXT).scalar()
        return None if seconds is None else max(0.0, float(seconds))


def _first_state(letter: Letter) -> SendState:
    if letter.held_for or isinstance(letter.content, Document):
        return SendState.PREPARING
    return SendState.QUEUED


def _report_of(letter: Letter) -> ReportId | None:
    return letter.content.report_id if isinstance(letter.content, Document) else None


def _interval(length: timedelta) -> str:
    return f"{length.total_seconds()} s"


def _history(
    doubted_for: timedelta = timedelta(),
    late: LetterId | None = None,
    report_id: ReportId | None = None,
) -> tuple[timedelta, LateDocument | None]:
    return doubted_for, LateDocument(late, report_id) if late and report_id else None


def _seconds(lengths: Sequence[timedelta]) -> str:
    return arrays.numbers(length.total_seconds() for length in lengths)
