"""The audit's chain: linked within a tick, and every tampering shows."""

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - the driver's name of its class

from chaos.checker.evidence import AuditRow
from chaos.checker.judgements.audit import FIRST, chained
from medvault.application.audit_chain import Sequencer
from medvault.domain.audit import Action, Entry
from medvault.domain.identifiers import vault_of
from medvault.ports.transactions import Transaction
from support.clinic.clinic import Clinic

ANNA, BEN = "IN.anna", "IN.ben"

_LINKS = "SELECT patient_id, position, audit_id, hash FROM audit_links ORDER BY 1, 2"
_ROWS = "SELECT id, patient_id, action, report_id, at, identity, note FROM audit"
_WAITING = "SELECT audit_id FROM audit_unlinked"


def problems(cursor: Cursor) -> list[str]:
    """The places where the chain does not fit together, read past all policies."""
    cursor.execute(_ROWS)
    rows = {row[0]: row[1:] for row in cursor.fetchall()}
    cursor.execute(_WAITING)
    unlinked = set(rows) - {id for (id,) in cursor.fetchall()}
    heads: dict[str, tuple[int, bytes]] = defaultdict(lambda: (0, FIRST))
    found = []
    cursor.execute(_LINKS)
    for patient_id, position, audit_id, digest in cursor.fetchall():
        unlinked.discard(audit_id)
        last, previous = heads[patient_id]
        heads[patient_id] = (position, bytes(digest))
        if position != last + 1:
            found.append(f"a gap before {position}")
        if audit_id not in rows:
            found.append(f"the row of {position} is gone")
            continue
        owner, action, report_id, at, identity, note = rows[audit_id]
        if action not in list(Action) or owner != patient_id:
            found.append(f"a wrong row at {position}")
            continue
        report, asked = (UUID(id) if id else None for id in (report_id, identity))
        note = bytes(note) if note else None
        entry = AuditRow(UUID(audit_id), UUID(owner), action, report, at, asked, note)
        if chained(previous, entry) != bytes(digest):
            found.append(f"a wrong hash at {position}")
    return found + [f"{len(unlinked)} rows that nobody awaits"] * bool(unlinked)


@contextlib.contextmanager
def superuser(clinic: Clinic) -> Iterator[Cursor]:
    """Somebody whom no trigger and no foreign key stops; their changes are rolled back."""
    url = clinic.tables.admin_url
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        connection.rollback()


def chain(clinic: Clinic) -> None:
    """Two patients' histories, all linked."""
    for user in (ANNA, BEN):
        clinic.files_report(user)
        clinic.hears(user, "LIST", "GET 1")
        clinic.settle()
    clinic.maintenance().tick()


def test_a_tick_links_what_was_done_before_it(clinic: Clinic) -> None:
    chain(clinic)
    entries = clinic.tables.one("SELECT count(*) FROM audit")
    assert entries == clinic.tables.one("SELECT count(*) FROM audit_links")
    assert entries >= 12
    assert clinic.tables.one("SELECT count(*) FROM audit_unlinked") == 0
    with superuser(clinic) as cursor:
        assert problems(cursor) == []


def test_the_chain_goes_on_from_its_head(clinic: Clinic) -> None:
    chain(clinic)
    clinic.hears(ANNA, "LIST")
    with superuser(clinic) as cursor:
        assert problems(cursor) == []
    clinic.maintenance().tick()
    assert clinic.tables.one("SELECT count(*) FROM audit_unlinked") == 0
    with superuser(clinic) as cursor:
        assert problems(cursor) == []


def test_more_than_one_transaction_takes_are_linked_by_one_tick(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    write(clinic, 1100)
    assert Sequencer(clinic.database).link() == 1100
    with superuser(clinic) as cursor:
        assert problems(cursor) == []


def write(clinic: Clinic, count: int) -> None:
    patient_id = clinic.patient(ANNA)
    listed = [Entry(uuid4(), vault_of(patient_id), Action.REPORTS_LISTED) for _ in range(count)]
    with clinic.past_policies().begin(Transaction.CONVERSE) as work:
        work.audit.append(listed)


def test_sequencers_at_once_make_one_chain(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    written = threading.Event()
    linked: list[int] = []

    def write_all() -> None:
        for _ in range(40):
            write(clinic, 5)
        written.set()

    def link() -> None:
        sequencer = Sequencer(clinic.database)
        while not written.is_set():
            linked.append(sequencer.link())

    threads = [threading.Thread(target=link) for _ in range(3)]
    threads.append(threading.Thread(target=write_all))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    linked.append(Sequencer(clinic.database).link())
    assert sum(linked) == 200
    with superuser(clinic) as cursor:
        assert problems(cursor) == []


def test_a_sequencer_leaves_the_work_to_the_one_that_is_at_it(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    write(clinic, 3)
    with clinic.database.begin(Transaction.LINK_AUDIT) as work:
        assert work.audit.link(1) == 1
        assert Sequencer(clinic.database).link() == 0
    assert Sequencer(clinic.database).link() == 2


TAMPERINGS = {
    "another action": "UPDATE audit SET action = CASE action WHEN 'file.received' "
    "THEN 'file.refused' ELSE 'file.received' END WHERE id = %(id)s",
    "an unknown action": "UPDATE audit SET action = 'nothing.happened' WHERE id = %(id)s",
    "another report": "UPDATE audit SET report_id = gen_random_uuid() WHERE id = %(id)s",
    "another identity": "UPDATE audit SET identity = gen_random_uuid() WHERE id = %(id)s",
    "another note": "UPDATE audit SET note = 'x' WHERE id = %(id)s",
    "another time": "UPDATE audit SET at = at + interval '1 microsecond' WHERE id = %(id)s",
    "another patient": "UPDATE audit SET patient_id = gen_random_uuid() WHERE id = %(id)s",
    "another id": "UPDATE audit SET id = gen_random_uuid() WHERE id = %(id)s",
    "a row removed": "DELETE FROM audit WHERE id = %(id)s",
    "a row exchanged": "UPDATE audit a SET report_id = b.report_id, at = b.at, action = b.action "
    "FROM audit b WHERE a.id = %(id)s AND b.id <> a.id AND b.at <> a.at",
    "a row added": "INSERT INTO audit SELECT gen_random_uuid(), patient_id, action, report_id, at "
    "FROM audit WHERE id = %(id)s",
    "another hash": "UPDATE audit_links SET hash = sha256(hash) WHERE audit_id = %(id)s",
    "a row and its link exchanged": "UPDATE audit_links SET audit_id = gen_random_uuid() "
    "WHERE audit_id = %(id)s",
}


@pytest.mark.parametrize("statement", TAMPERINGS.values(), ids=list(TAMPERINGS))
def test_whoever_tampers_with_any_row_is_found_out(clinic: Clinic, statement: str) -> None:
    chain(clinic)
    for id in clinic.tables.column("SELECT id FROM audit"):
        with superuser(clinic) as cursor:
            assert problems(cursor) == []
            cursor.execute(statement, {"id": id})
            assert cursor.rowcount == 1
            assert problems(cursor)


def test_rows_and_links_removed_from_the_middle_are_missed(clinic: Clinic) -> None:
    chain(clinic)
    inner = """
        SELECT audit_id FROM audit_links l WHERE EXISTS (
            SELECT FROM audit_links m WHERE m.patient_id = l.patient_id AND m.position > l.position)
    """
    for id in clinic.tables.column(inner):
        with superuser(clinic) as cursor:
            cursor.execute("DELETE FROM audit_links WHERE audit_id = %s", [id])
            cursor.execute("DELETE FROM audit WHERE id = %s", [id])
            assert problems(cursor)
