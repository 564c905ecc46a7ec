"""With very many rows done, no statement of the hot path reads them all.

Nor by a bitmap, which visits all dead entries of a queue's index at every look.
"""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from medvault.domain.conversations import Backlog
from medvault.domain.outbound import Delivered, NextStep, SendState
from medvault.domain.quotas import Quotas
from medvault.ports.persistence import UnitOfWork
from support.vaults import Vault

DONE = 100_000 if os.environ.get("MEDVAULT_TEST_FULL") else 20_000
FILLED = {
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
    "reports": "INSERT INTO reports (id, patient_id, media_id, scanned, sealed) "
    "SELECT gen_random_uuid(), patient_id, id, true, '' FROM media",
}
TABLES = "inbox|outbox|conversations|identities|media|reports|accounts"
BAD = re.compile(
    rf"(Seq|Bitmap Heap) Scan on ({TABLES})\b"
    rf"|Scan using (\w+_key|\w+_pkey|\w+_patient) on ({TABLES})\b[^\n]*\n(?! *Index Cond:)"
)


@pytest.fixture
def full(vault: Vault) -> Vault:
    """A vault after that many messages, with a few waiting."""
    for statement in FILLED.values():
        vault.sql(statement, **({"n": DONE} if ":n" in statement else {}))
    patients = [vault.patient() for _ in range(20)]
    vault.post(*(vault.letter(patient) for patient in patients))
    vault.receive(*(vault.message(patient.subject) for patient in patients))
    for table in FILLED:
        vault.sql(f"ANALYZE {table}")
    return vault


def scans(vault: Vault, work: UnitOfWork, call: str) -> list[str]:
    """The plans that read a big table or all of an index, in whatever a call executes."""
    found: list[str] = []

    def explain(_: object, cursor: object, statement: str, parameters: object, *__: object) -> None:
        for part in filter(str.strip, statement.split(";")):
            cursor.execute(f"EXPLAIN {part}", parameters)  # type: ignore[attr-defined]
            plan = "\n".join(line for (line,) in cursor.fetchall())  # type: ignore[attr-defined]
            if BAD.search(plan):
                found.append(plan)

    event.listen(vault.engine, "before_cursor_execute", explain)
    try:
        CALLS[call](vault, work)
    finally:
        event.remove(vault.engine, "before_cursor_execute", explain)
    return found


BACKLOG = Backlog(50, UUID(int=7 << 112), UUID(int=8 << 112))


def leased(vault: Vault, work: UnitOfWork) -> None:
    """Leases, settles and climbs."""
    found = work.outbox.lease(64)
    work.outbox.settle([(one, NextStep(SendState.ACCEPTED), "wamid", None) for one in found])
    references = [one.outgoing.reference for one in found]
    work.outbox.climb([Delivered("wamid", SendState.READ, one) for one in (*references, None)])


def claimed(vault: Vault, work: UnitOfWork) -> None:
    """Claims known and new conversations, and saves one."""
    subjects: list[UUID] = [
        subject for (subject,) in vault.sql("SELECT subject FROM inbox WHERE done_at IS NULL")
    ]
    work.reports.for_patients([])
    claims = work.conversations.claim([*subjects, uuid4()], vault.new_id)
    work.conversations.save([(one, one.state) for one in claims if one.state])
    work.reports.shelf([one.patient_id for one in claims])
    work.inbox.finish([update.seq for one in claims for update in one.pending], "handled")


CALLS: dict[str, Callable[[Vault, UnitOfWork], object]] = {
    "claim": claimed,
    "lease": leased,
    "statuses": lambda _, work: work.inbox.claim_statuses(512),
    "overdue": lambda _, work: work.inbox.overdue(timedelta(seconds=2), 256),
    "lag": lambda _, work: work.inbox.lag_seconds(),
    "waiting": lambda _, work: work.inbox.waiting([uuid4() for _ in range(64)]),
    "expire": lambda _, work: work.inbox.expire_sessions(256),
    "next": lambda _, work: work.outbox.seconds_to_next(),
    "crowded": lambda _, work: work.outbox.open_replies([uuid4()], 60),
    "unsent": lambda _, work: work.outbox.unsent([uuid4()], 256),
    "withdraw": lambda _, work: work.outbox.withdraw([uuid4()]),
    "backlog": lambda _, work: work.media.backlog(uuid4(), BACKLOG, 50),
    "drop backlog": lambda _, work: work.media.discard_backlog(uuid4(), BACKLOG),
    "turn": lambda _, work: work.accounts.turn(Quotas()),
    "line up": lambda vault, work: work.accounts.line_up(
        [vault.one("SELECT id FROM patients LIMIT 1")]
    ),
    "unpark": lambda _, work: work.outbox.unpark([uuid4()]),
    "release": lambda _, work: work.outbox.release(uuid4()),
    "lock out": lambda _, work: work.conversations.lock_out([uuid4()]),
    "late files": lambda _, work: work.accounts.overdue(256, 8),
    "leftovers": lambda _, work: work.media.leftovers(256),
}


def test_no_statement_reads_what_is_done(full: Vault) -> None:
    for call in CALLS:
        with full.database.begin() as work:
            assert scans(full, work, call) == [], call
