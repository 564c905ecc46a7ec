"""Conversations: claimed under a row lock, saved with a version."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import arrays, codec
from medvault.adapters.postgres.inbox import opened
from medvault.adapters.postgres.states import statement
from medvault.domain.conversation.state import Conversation, Lock
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import LaneId, MediaId, PersonId
from medvault.domain.identity import Contact, Doubt, IdentityKind
from medvault.domain.place import Place
from medvault.domain.updates import UpdateKind
from medvault.ports import BlindIndex, CachedSession, Sealer
from medvault.ports.persistence import Claimed, Conversations

_CLAIM = text("SELECT * FROM lease_conversations(CAST(:subjects AS uuid[]), :known, :limit)")
_MAKE = text("SELECT make_conversations(CAST(:subjects AS uuid[]), CAST(:fresh AS uuid[]))")
_SAVE = text("""
UPDATE conversations c SET version = c.version + 1, sealed = s.sealed
FROM unnest(CAST(:patients AS uuid[]), CAST(:sealed AS bytea[])) AS s (patient_id, sealed)
WHERE c.patient_id = s.patient_id
""")

_KNOW = text("""
SELECT know_identities(
    CAST(:patients AS uuid[]), CAST(:users AS uuid[]), CAST(:phones AS uuid[]),
    CAST(:owners AS uuid[]), CAST(:kinds AS text[]), CAST(:indexes AS uuid[]),
    CAST(:values AS bytea[]))
""")
_LINK = text("SELECT link_lane(:patient, :new)")
_FOLLOWING = text("""
SELECT seq, key, kind, content FROM inbox WHERE subject = :old AND done_at IS NULL
""")
_FOLLOW = text("""
UPDATE inbox SET subject = :new, content = f.content
FROM unnest(CAST(:seqs AS bigint[]), CAST(:contents AS bytea[])) AS f (seq, content)
WHERE inbox.seq = f.seq
""")

_KNOWN = text("""
SELECT sealed FROM identities WHERE patient_id = :patient AND blind_index = :index
AND sealed IS NOT NULL
""")
# A process that locks a vault takes its row first, then its messages; none that was about to leave
# does.
_LOCK = statement("""
UPDATE conversations c SET locked_at = l.since
FROM unnest(CAST(:patients AS uuid[]), CAST(:since AS timestamptz[])) AS l (patient_id, since)
WHERE c.patient_id = l.patient_id;
UPDATE outbox SET state = {FAILED}, changed_at = now()
WHERE patient_id = ANY (CAST(:locked AS uuid[])) AND {unindexed state} < {ACCEPTED}
""")
_BY_PHONE = text("SELECT lanes_with_reports(CAST(:lanes AS uuid[]))")
_LOCK_OUT = text("SELECT lock_out(CAST(:patients AS uuid[]))")
_AWAITED = text("SELECT version, sealed FROM state_for_file(:file)")
_MOST_PENDING = 32


class StateSealer:
    """Seals a conversation's state, for its column and for the cache alike."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def seal(self, patient_id: PersonId, state: Conversation) -> bytes:
        """Encrypt a state; it opens as this patient's only."""
        return self._sealer.seal(
            codec.dump(codec.conversation_json(state)), Place.state(patient_id)
        )

    def open(self, patient_id: PersonId, sealed: bytes) -> Conversation | None:
        """Decrypt a state; None where that can't be done."""
        try:
            clear = self._sealer.open(sealed, Place.state(patient_id))
            return codec.read(codec.conversation, clear)
        except Permanent:
            return None


class PostgresConversations(Conversations):
    """Conversations on the connection of a unit of work."""

    def __init__(self, connection: Connection, sealer: Sealer, index: BlindIndex) -> None:
        self._connection = connection
        self._sealer = sealer
        self._states = StateSealer(sealer)
        self._index = index

    @override
    def claim(self, subjects: Sequence[LaneId], new_id: Callable[[], UUID]) -> Sequence[Claimed]:
        wanted = {"subjects": arrays.uuids(subjects), "limit": _MOST_PENDING}
        rows = self._connection.execute(_CLAIM, wanted | {"known": len(set(subjects))}).all()
        if not rows:
            fresh = {"fresh": arrays.uuids([new_id() for _ in subjects])}
            self._connection.execute(_MAKE, wanted | fresh)
            rows = self._connection.execute(_CLAIM, wanted | {"known": 0}).all()
        groups = [list(group) for _, group in groupby(rows, key=lambda row: row.patient_id)]
        return [self._claimed(group) for group in groups if group[0].due]

    def _claimed(self, rows: Sequence[Any]) -> Claimed:
        patient_id, subject, version, sealed, *_, locked_at = rows[0]
        pending = []
        for _, _, _, _, seq, key, kind, attempts, content, due, _ in rows:
            if not due:
                break
            row = seq, key, kind, content, attempts
            pending.append(opened(self._sealer, row, subject, patient_id))
        state = self._opened(patient_id, sealed) if version else Conversation()
        if state is not None and state.lock is None and locked_at is not None:
            filing = state.filing._replace(deadline=None)
            state = state._replace(lock=Lock(locked_at, Doubt.UNTOLD), filing=filing)
        return Claimed(patient_id, subject, version, state, pending)

    def _opened(self, patient_id: PersonId, sealed: memoryview | None) -> Conversation | None:
        """Open a state; one that was saved and is gone is as lost as one that can't be opened."""
        return None if sealed is None else self._states.open(patient_id, bytes(sealed))

    @override
    def save(
        self, states: Sequence[tuple[Claimed, Conversation]]
    ) -> Mapping[PersonId, CachedSession]:
        written = {}
        shown: list[tuple[PersonId, Contact]] = []
        for claimed, state in states:
            sealed = self._states.seal(claimed.patient_id, state)
            written[claimed.patient_id] = CachedSession(claimed.version + 1, sealed)
            known = claimed.state.contact if claimed.state else state.contact
            if state.contact and not state.contact.named_like(known):
                shown.append((claimed.patient_id, state.contact))
        if shown:
            self._know(shown)
        if states:
            parameters = {
                "patients": arrays.uuids(written),
                "sealed": arrays.byteas(session.sealed for session in written.values()),
            }
            self._connection.execute(_SAVE, parameters)
        return written

    def _know(self, shown: Sequence[tuple[PersonId, Contact]]) -> None:
        """Keep who can be reached how; a phone number leaves whoever had it before."""
        found = [
            (patient_id, kind, index, value)
            for patient_id, contact in shown
            for kind, value in (
                (IdentityKind.BSUID, contact.user_id),
                (IdentityKind.WA_ID, contact.phone),
            )
            if value and (index := LaneId(self._index(kind, value)))
        ]
        by_kind = {(patient_id, kind): index for patient_id, kind, index, _ in found}
        patients = [patient_id for patient_id, _ in shown]
        parameters = {
            "patients": arrays.uuids(patients),
            "users": arrays.uuids(by_kind.get((id, IdentityKind.BSUID)) for id in patients),
            "phones": arrays.uuids(by_kind.get((id, IdentityKind.WA_ID)) for id in patients),
            "owners": arrays.uuids(patient_id for patient_id, _, _, _ in found),
            "kinds": arrays.words(kind for _, kind, _, _ in found),
            "indexes": arrays.uuids(index for _, _, index, _ in found),
            "values": arrays.byteas(
                self._sealer.seal(value.encode(), Place.identity(index, patient_id))
                for patient_id, _, index, value in found
            ),
        }
        self._connection.execute(_KNOW, parameters)

    @override
    def link(self, claimed: Claimed, contact: Contact) -> None:
        kind, value = contact.identity
        new = LaneId(self._index(kind, value))
        parameters = {"patient": claimed.patient_id, "new": new}
        if self._connection.execute(_LINK, parameters).scalar_one():
            self._follow(claimed.subject, new)

    def _follow(self, old: LaneId, new: LaneId) -> None:
        """Bring what waits in the old lane into the new one, and bind it there."""
        rows = self._connection.execute(_FOLLOWING, {"old": old}).all()
        contents = [
            bytes(content)
            if UpdateKind(kind).own
            else self._rebound(bytes(content), Place.update(key, old), Place.update(key, new))
            for _, key, kind, content in rows
        ]
        moved = {
            "seqs": arrays.numbers(row.seq for row in rows),
            "contents": arrays.byteas(contents),
        }
        self._connection.execute(_FOLLOW, moved | {"new": new})

    def _rebound(self, sealed: bytes, old: Place, new: Place) -> bytes:
        """Seal content again for another place.

        Content that can't be opened stays as it is, and fails there.
        """
        try:
            return self._sealer.seal(self._sealer.open(sealed, old), new)
        except Permanent:
            return sealed

    @override
    def knows(self, patient_id: PersonId, identity: LaneId) -> bool:
        parameters = {"patient": patient_id, "index": identity}
        found = self._connection.execute(_KNOWN, parameters).scalars()
        place = Place.identity(identity, patient_id)
        return any(self._opens(bytes(sealed), place) for sealed in found)

    @override
    def known_by_phone(self, phones: Collection[LaneId]) -> Collection[LaneId]:
        if not phones:
            return frozenset()
        lanes = {"lanes": arrays.uuids(phones)}
        return frozenset(self._connection.execute(_BY_PHONE, lanes).scalars())

    def _opens(self, sealed: bytes, place: Place) -> bool:
        try:
            self._sealer.open(sealed, place)
        except Permanent:
            return False
        return True

    @override
    def lock(self, since: Mapping[PersonId, datetime | None]) -> None:
        parameters = {
            "patients": arrays.uuids(since),
            "since": arrays.times(since.values()),
            "locked": arrays.uuids([id for id, time in since.items() if time is not None]),
        }
        self._connection.execute(_LOCK, parameters)

    @override
    def lock_out(self, patients: Sequence[PersonId]) -> None:
        if patients:
            self._connection.execute(_LOCK_OUT, {"patients": arrays.uuids(patients)})

    @override
    def awaiting(self, media_id: MediaId) -> CachedSession | None:
        row = self._connection.execute(_AWAITED, {"file": media_id}).one_or_none()
        if row is None or row.sealed is None:
            return None
        return CachedSession(row.version, bytes(row.sealed))
