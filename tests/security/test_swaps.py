"""An insider with SQL and no key gives a patient's vault to somebody else; it never opens there."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from medvault.adapters.crypto.header import FILES, VALUES
from medvault.application import sessions
from medvault.application.delivery.documents import owned
from medvault.application.reading import Reading
from medvault.domain.identifiers import LaneId
from medvault.domain.outbound import Document
from medvault.observability import metrics
from medvault.ports.outbox import Leased
from medvault.ports.transactions import Transaction
from support.attacks import Attacks
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.clinic.tables import ClinicTables
from support.identities import heard_before
from support.insider import Insider
from support.servers.postgres import Postgres

PEOPLE = ("IN.anna", "IN.ben", "IN.carla", "IN.dev")
SEED, EDITS_AT_ONCE = 20261130, 5
SELDOM = 50
DELIVERED = "UPDATE outbox SET state = 40 WHERE state < 40"
LED = """
UPDATE conversations SET subject = gen_random_uuid() WHERE patient_id = %(mallory)s;
UPDATE conversations SET subject = %(mallory_lane)s WHERE patient_id = %(victim)s;
"""
FORGOTTEN = "UPDATE conversations SET sealed = NULL, version = 0 WHERE patient_id = %(victim)s;"
WAYS = {
    "reports given away": "UPDATE reports SET patient_id = %(mallory)s",
    "reports and files given away": """
        UPDATE reports SET patient_id = %(mallory)s;
        UPDATE report_files SET patient_id = %(mallory)s;
        UPDATE media SET patient_id = %(mallory)s
    """,
    "a conversation led to": LED,
    "a conversation led to and forgotten": LED + FORGOTTEN,
    "a conversation led to, its identities removed": LED
    + FORGOTTEN
    + "DELETE FROM identities WHERE patient_id = %(victim)s",
    "a conversation led to, its identities replaced": LED
    + FORGOTTEN
    + "UPDATE identities SET patient_id = %(victim)s WHERE patient_id = %(mallory)s",
    "a message copied into another lane": """
        INSERT INTO inbox (key, subject, kind, content)
        SELECT gen_random_uuid(), %(victim_lane)s, kind, content FROM inbox
        WHERE subject = %(mallory_lane)s AND done_at IS NULL
    """,
    "a message moved into another lane": """
        UPDATE inbox SET subject = %(victim_lane)s WHERE subject = %(mallory_lane)s
    """,
    "replies readdressed": """
        UPDATE outbox SET patient_id = %(mallory)s, subject = %(mallory_lane)s
    """,
    "states exchanged": """
        UPDATE conversations c SET sealed = o.sealed FROM conversations o
        WHERE c.patient_id = %(mallory)s AND o.patient_id = %(victim)s
    """,
    "identities exchanged": """
        UPDATE identities i SET patient_id = o.id FROM patients o
        WHERE i.patient_id IN (%(victim)s, %(mallory)s)
        AND o.id IN (%(victim)s, %(mallory)s) AND o.id <> i.patient_id
    """,
    "reports that name another's file": """
        UPDATE report_files f SET media_id = m.id FROM media m
        WHERE f.patient_id = %(mallory)s AND m.patient_id = %(victim)s
    """,
}
PROVEN = {
    "reports given away",
    "a conversation led to",
    "a conversation led to and forgotten",
    "a message copied into another lane",
}
"""The ways that work as long as nothing is bound to its patient and its lane."""
Writers = tuple[Clinic, ClinicTables, Path]


@pytest.fixture
def writers(postgres_wheel: Postgres, tmp_path: Path) -> Iterator[Callable[[bool], Writers]]:
    """Four patients with reports, messages and replies on their way; sealed in either format."""
    made: list[Writers] = []

    def make(newest: bool) -> Writers:
        tables = ClinicTables(postgres_wheel)
        files = tmp_path / str(newest)
        clinic = Clinic(tables, files)
        made.append((clinic, tables, files))
        if not newest:
            clinic.base.sealer.write(VALUES[0])
            clinic.base.files.write(FILES[0])
        fill(clinic)
        return made[-1]

    yield make
    for clinic, tables, _ in made:
        clinic.close()
        tables.drop()


def fill(clinic: Clinic) -> None:
    """Two reports each; then a list and a report are asked for, of which one is on its way."""
    for person in PEOPLE:
        for number in range(2):
            clinic.source.content = b"%PDF-1.7 " + mark(person) + b" " * 50 + bytes([number])
            clinic.gets_file(person, f"{number}")
            clinic.settle()
            clinic.hears(person, "2 May 2019", mark(person).decode(), "Lab test", "YES")
            clinic.settle()
    clinic.tables.rows(DELIVERED)
    for person in PEOPLE:
        clinic.hears(person, "LIST", "GET 1")
        clinic.settle()
    for person in PEOPLE:
        texts = (webhooks.text(person, clinic.wamid(), said) for said in ("LIST", "GET 2"))
        clinic.receive(*texts)


def mark(person: str) -> bytes:
    """The mark in everything that belongs to a person."""
    return f"House of {person.removeprefix('IN.').title()}".encode()


class Tripped:
    """How often a worker trips over what it reads, as one does over a kind that no file has.

    Its task ends with an error then, and whatever else was to be done is done all the same.
    """

    def __init__(self) -> None:
        self.times = 0

    def over(self, work: Callable[[], object]) -> None:
        """Does it, whatever becomes of it."""
        try:
            work()
        except Exception:  # noqa: BLE001 - of all the kinds that edits can cause
            self.times += 1


def foreign(clinic: Clinic, tripped: Tripped) -> int:
    """Bytes of somebody's that leave for somebody else, once everything that waits is done."""
    tripped.over(lambda: clinic.inbound.handle([clinic.subject(person) for person in PEOPLE]))
    lanes = clinic.tables.column("SELECT DISTINCT subject FROM inbox WHERE done_at IS NULL")
    tripped.over(lambda: clinic.inbound.handle([LaneId(UUID(lane)) for lane in lanes]))
    tripped.over(clinic.settle)
    tripped.over(clinic.settle)
    leaving = 0
    for leased in sent(clinic, tripped):
        content = leased.outgoing.content
        shown = str(content).encode()
        if isinstance(content, Document) and content.handle:
            number = int(content.handle.removeprefix("handle"))
            shown += clinic.source.uploaded[number - 1]
        to = leased.outgoing.to.user_id
        theirs = any(mark(other) in shown for other in PEOPLE if other != to)
        leaving += len(shown) if theirs else 0
    return leaving


def sent(clinic: Clinic, tripped: Tripped) -> list[Leased]:
    """The messages that a sender takes, once the owners of documents are checked."""
    found: list[Leased] = []

    def take() -> bool:
        with clinic.database.begin(Transaction.LEASE_LETTERS) as work:
            leased = work.outbox.lease(100)
            documents = [one for one in leased if isinstance(one.outgoing.content, Document)]
            theirs = owned(work, documents)
        found.extend(
            one for one in leased if one not in documents or one.outgoing.reference in theirs
        )
        clinic.tables.rows("UPDATE outbox SET state = 40 WHERE state = 20")
        return bool(leased)

    def take_all() -> None:
        while take():
            continue

    tripped.over(take_all)
    return found


def by_edits(writers: Writers, edits: int, seed: int) -> int:
    """How much an insider gets by that many edits, a few at once, each time from the beginning."""
    clinic, tables, files = writers
    insider = Insider(tables, files, seed)
    leaked, tripped = 0, Tripped()
    for _ in range(0, edits, EDITS_AT_ONCE):
        for _ in range(EDITS_AT_ONCE):
            insider.edit()
        leaked += foreign(clinic, tripped)
        insider.undo()
    insider.close()
    assert tripped.times <= edits / SELDOM, "what trips all the time shows nothing"
    return leaked


def by_ways(writers: Writers) -> dict[str, int]:
    """How much an insider gets by each way that is known."""
    clinic, tables, files = writers
    insider = Insider(tables, files, SEED)
    leaked, tripped = {}, Tripped()
    mallory, victim = PEOPLE[0], PEOPLE[1]
    known = {
        "victim": clinic.patient(victim),
        "victim_lane": clinic.subject(victim),
        "mallory": clinic.patient(mallory),
        "mallory_lane": clinic.subject(mallory),
    }
    for name, statements in WAYS.items():
        insider.run(statements, known)
        leaked[name] = foreign(clinic, tripped)
        insider.undo()
    insider.close()
    assert tripped.times == 0
    return leaked


@pytest.mark.long("at full size an insider makes 20,000 edits")
@pytest.mark.timeout(2400)
def test_no_edit_of_an_insider_sends_anything_to_somebody_else(
    writers: Callable[[bool], Writers],
    attacks: Attacks,
    full: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new, edits, before_edits = writers(True), 20_000 if full else 90, 400 if full else 0
    leaked = [*by_ways(new).values(), by_edits(new, edits, SEED)]
    monkeypatch.setattr(Reading, "_is_own", lambda *_: True)
    monkeypatch.setattr(sessions, "hear", heard_before)
    old = writers(False)
    before, at_random = by_ways(old), by_edits(old, before_edits, SEED)
    attacks.measured(
        swaps=edits + len(WAYS),
        swaps_control=before_edits + len(WAYS),
        foreign_bytes=sum(leaked),
        foreign_bytes_control=sum(before.values()) + at_random,
    )
    assert sum(leaked) == 0
    assert {name for name, count in before.items() if count} >= PROVEN


def test_a_message_in_another_lane_is_set_aside_counted_and_in_the_audit(
    writers: Callable[[bool], Writers],
) -> None:
    clinic, tables, files = writers(True)
    insider = Insider(tables, files, SEED)
    before = metrics.foreign_updates._value.get()
    lanes = {"victim_lane": clinic.subject(PEOPLE[1]), "mallory_lane": clinic.subject(PEOPLE[0])}
    insider.run(WAYS["a message copied into another lane"], lanes)
    clinic.inbound.handle([clinic.subject(PEOPLE[1])])
    insider.close()
    assert metrics.foreign_updates._value.get() == before + 2
    assert tables.column("SELECT reason FROM dead_letters") == ["foreign", "foreign"]
    assert clinic.audit(PEOPLE[1]).count("message.foreign") == 2
