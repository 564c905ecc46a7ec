"""With very many rows done, or waiting, no statement of the hot path reads them all.

Nor by a bitmap, which visits all dead entries of a queue's index at every look.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from medvault.domain.conversation.state import Backlog, Conversation
from medvault.domain.identifiers import LaneId, LetterId, MediaId, PersonId, ReportId
from medvault.domain.identity import Contact
from medvault.domain.outbound import DeliveryStatus, NextStep, SendState
from medvault.domain.quotas import Quotas
from medvault.ports.outbox import Settled
from medvault.ports.persistence import UnitOfWork
from medvault.ports.transactions import Transaction
from medvault.ports.vault import Owned
from support.servers.postgres import Postgres
from support.vaults import SERVICE, Vault

DONE = 100_000 if os.environ.get("MEDVAULT_TEST_FULL") else 20_000
DID = {
    "patients": "INSERT INTO patients (id) SELECT gen_random_uuid() FROM generate_series(1, :n)",
    "conversations": "INSERT INTO conversations (patient_id, subject) "
    "SELECT id, gen_random_uuid() FROM patients",
    "identities": "INSERT INTO identities (patient_id, kind, blind_index) "
    "SELECT id, 'wa_id', gen_random_uuid() FROM patients",
    "inbox": "INSERT INTO inbox (key, subject, kind, done_at, outcome) "
    "SELECT gen_random_uuid(), subject, 'message', now(), 'handled' FROM conversations",
    "outbox": "INSERT INTO outbox (id, patient_id, subject, state, content, wamid) "
    "SELECT gen_random_uuid(), patient_id, subject, 60, '', gen_random_uuid() FROM conversations",
    "media": "INSERT INTO media (id, patient_id, state, sealed, due_at, in_incoming) "
    "SELECT gen_random_uuid(), patient_id, 'filed', '', NULL, false FROM conversations",
    "accounts": "INSERT INTO accounts (patient_id) SELECT id FROM patients",
    "reports": "INSERT INTO reports (id, patient_id, scanned, sealed) "
    "SELECT id, patient_id, true, '' FROM media",
    "report_files": "INSERT INTO report_files (report_id, position, media_id, patient_id) "
    "SELECT id, 1, id, patient_id FROM media",
}
WAITING = {
    "inbox": "INSERT INTO inbox (key, subject, kind, received_at) "
    "SELECT gen_random_uuid(), subject, 'message', now() - interval '1 hour' FROM conversations",
    "outbox": "INSERT INTO outbox (id, patient_id, subject, state, content, due_at) "
    "SELECT gen_random_uuid(), patient_id, subject, 10, '', now() FROM conversations",
    "media": "INSERT INTO media (id, patient_id, sealed, due_at) "
    "SELECT gen_random_uuid(), patient_id, '', now() - interval '1 hour' FROM conversations",
    "accounts": "UPDATE accounts SET turn_at = now() - interval '1 hour'",
}
TABLES = "inbox|outbox|conversations|identities|media|reports|report_files|accounts"
MOST_READ = 4_000
"""Rows that one step of a plan may read: a batch of patients with all that waits of each."""
READ = re.compile(rf"Scan (?:using \w+ )?on ({TABLES})\b[^\n]*\(actual rows=([\d.]+) loops=(\d+)\)")
LEFT_OUT = re.compile(r"Rows Removed by (?:Filter|Index Recheck): (\d+)")
BAD = re.compile(
    rf"(Seq|Bitmap Heap) Scan on ({TABLES})\b"
    rf"|Scan using (\w+_key|\w+_pkey|\w+_patient) on ({TABLES})\b[^\n]*\n(?! *Index Cond:)"
)


CONTROL = f"""
CREATE FUNCTION whole() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    RETURN (SELECT sum(length(content)) FROM inbox);
END $$;
GRANT EXECUTE ON FUNCTION whole() TO {SERVICE}
"""
WATCHED = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_level": "notice",
}


@pytest.fixture(scope="session")
def postgres(postgres_debian: Postgres) -> Postgres:
    """The server that can tell the plans of what a function runs: the wheel has no auto_explain."""
    return postgres_debian


def filled(vault: Vault, before: Collection[str], after: Collection[str] = ()) -> Vault:
    """The vault with rows from before and after its statistics were taken; it tells all plans."""
    for statement in before:
        vault.sql(statement, **({"n": DONE} if ":n" in statement else {}))
    for table in DID:
        vault.sql(f"ANALYZE {table}")
    for statement in after:
        vault.sql(statement, **({"n": DONE} if ":n" in statement else {}))
    patients = [vault.patient() for _ in range(20)]
    vault.post(*(vault.letter(patient) for patient in patients))
    vault.receive(*(vault.message(patient.subject) for patient in patients))
    with vault.admin.begin() as admin:
        admin.exec_driver_sql(CONTROL)
        for name, value in WATCHED.items():
            place = f"ROLE {SERVICE} IN DATABASE {vault.admin.url.database}"
            admin.exec_driver_sql(f"ALTER {place} SET {name} = '{value}'")
    vault.database = vault.worker()
    return vault


@contextmanager
def plans(vault: Vault) -> Iterator[list[str]]:
    """The plans of all that runs within the block, functions' statements too."""
    found: list[str] = []

    def collect(_: object, cursor: Any, *__: object) -> None:
        found.extend(cursor.connection.notices)
        cursor.connection.notices.clear()

    event.listen(vault.engine, "after_cursor_execute", collect)
    try:
        yield found
    finally:
        event.remove(vault.engine, "after_cursor_execute", collect)


def claimed(vault: Vault) -> list[LaneId]:
    """The lanes in which something waits."""
    waiting = "SELECT subject FROM inbox WHERE done_at IS NULL LIMIT 64"
    return [lane for (lane,) in vault.sql(waiting)]


def conversed(vault: Vault, work: UnitOfWork) -> None:
    """Claims known and new conversations, and saves one."""
    claims = work.conversations.claim([*claimed(vault), LaneId(uuid4())], vault.new_id)
    shown = [(one, Contact(f"IN.{place}", None)) for place, one in enumerate(claims)]
    work.conversations.save([(one, Conversation(contact=contact)) for one, contact in shown])
    work.reports.shelf([one.patient_id for one in claims])
    work.outbox.unpark([one.subject for one in claims])
    work.accounts.line_up([one.patient_id for one in claims])
    work.inbox.finish([update.seq for one in claims for update in one.pending], "handled")


def locked(vault: Vault, work: UnitOfWork) -> None:
    """Counts what leaves to some patients, then locks their vaults."""
    claims = work.conversations.claim(claimed(vault), vault.new_id)
    work.outbox.open_replies([one.patient_id for one in claims], 60)
    work.conversations.lock_out([one.patient_id for one in claims])


BACKLOG = Backlog(50, MediaId(UUID(int=7 << 112)), MediaId(UUID(int=8 << 112)))


def leased(vault: Vault, work: UnitOfWork) -> None:
    """Leases, settles and climbs."""
    found = work.outbox.lease(64)
    work.outbox.settle([Settled(one, NextStep(SendState.ACCEPTED), "wamid") for one in found])
    references = [one.outgoing.reference for one in found]
    work.outbox.climb([DeliveryStatus("wamid", SendState.READ, one) for one in (*references, None)])


def hastened(_: Vault, work: UnitOfWork) -> None:
    """Looks for messages that no status tells of, and hastens them."""
    work.outbox.told()
    now = work.outbox.unheard(timedelta(seconds=5)).heard_until
    work.outbox.hasten(now, [timedelta(seconds=5)])


CALLS: dict[str, Callable[[Vault, UnitOfWork], object]] = {
    "converse": conversed,
    "lock": locked,
    "lease": leased,
    "statuses": lambda _, work: work.inbox.claim_statuses(512),
    "overdue": lambda _, work: work.inbox.overdue(timedelta(seconds=2), 256),
    "lag": lambda _, work: work.inbox.lag_seconds(),
    "waiting": lambda _, work: work.inbox.waiting([LaneId(uuid4()) for _ in range(64)]),
    "ring": lambda _, work: work.timers.ring(256),
    "next": lambda _, work: work.outbox.seconds_to_next(),
    "hasten": hastened,
    "unsent": lambda _, work: work.outbox.unsent([PersonId(uuid4())], 256),
    "withdraw": lambda _, work: work.outbox.withdraw([LetterId(uuid4())]),
    "backlog": lambda _, work: work.media.backlog(PersonId(uuid4()), BACKLOG, 50),
    "drop backlog": lambda _, work: work.media.discard_backlog(PersonId(uuid4()), BACKLOG),
    "turn": lambda _, work: work.accounts.turn(Quotas()),
    "find": lambda _, work: work.reports.find([Owned(PersonId(uuid4()), ReportId(uuid4()))]),
    "release": lambda _, work: work.outbox.release(ReportId(uuid4())),
    "late files": lambda _, work: work.accounts.overdue(256, 8),
    "depths": lambda _, work: work.depths.measure(500),
    "leftovers": lambda _, work: work.media.leftovers(256),
}


def told(vault: Vault, name: str) -> list[str]:
    """The plans of a call, of which there are some."""
    with plans(vault) as found, vault.database.begin(Transaction.CONVERSE) as work:
        CALLS[name](vault, work)
    assert found, name
    return found


def control(vault: Vault) -> list[str]:
    """The plans of a function that reads a whole table."""
    with plans(vault) as found, vault.engine.begin() as connection:
        connection.exec_driver_sql("SELECT whole()")
    return found


def test_no_statement_reads_what_is_done(vault: Vault) -> None:
    full = filled(vault, DID.values())
    for name in CALLS:
        assert [plan for plan in told(full, name) if BAD.search(plan)] == [], name
    assert [plan for plan in control(full) if BAD.search(plan)], "a control"


def most_read(plan: str) -> float:
    """The rows of the step that read most, those that it then left out counted too."""
    read = [float(rows) * int(loops) for _, rows, loops in READ.findall(plan)]
    return max([*read, *map(float, LEFT_OUT.findall(plan))], default=0)


# Statistics are usually from when next to nothing waited.
def test_no_statement_reads_all_that_wait(vault: Vault) -> None:
    crowded = filled(vault, DID.values(), WAITING.values())
    for name in CALLS:
        assert [plan for plan in told(crowded, name) if most_read(plan) > MOST_READ] == [], name
    assert [plan for plan in control(crowded) if most_read(plan) > MOST_READ], "a control"


def test_no_statement_reads_all_of_a_vault_that_was_new_a_moment_ago(vault: Vault) -> None:
    filling = filled(vault, (), [*DID.values(), *WAITING.values()])
    for name in CALLS:
        assert [plan for plan in told(filling, name) if most_read(plan) > MOST_READ] == [], name
    assert [plan for plan in control(filling) if most_read(plan) > MOST_READ], "a control"
