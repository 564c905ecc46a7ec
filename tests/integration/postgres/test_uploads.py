"""A document waits for its upload, which one worker at a time does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

from medvault.domain.identifiers import LetterId, ReportId
from medvault.domain.media import FileKind
from medvault.domain.outbound import Document
from medvault.domain.replies import Reply
from medvault.ports.outbox import Leased, Letter
from medvault.ports.persistence import UnitOfWork
from support.plans import blocks
from support.vaults import Vault

LEASE = timedelta(minutes=3)
BLOCKS = 60
"""The blocks that one statement about one row may read: five thousand rows fill more."""


def document(vault: Vault) -> Letter:
    """A report on its way back."""
    content = Document(ReportId(vault.new_id()), "a.pdf", "Lab test")
    letter = vault.letter(vault.patient(), content)
    vault.post(letter)
    return letter


def claim(vault: Vault, id: LetterId) -> Leased | None:
    """A worker's lease of an upload."""
    with vault.database.begin() as work:
        return work.outbox.claim_upload(id, LEASE)


def overdue(vault: Vault) -> list[UUID]:
    """The documents that nobody uploads though they are due."""
    with vault.database.begin() as work:
        return list(work.accounts.overdue(10, 10))


def test_a_document_is_sent_once_it_is_uploaded(vault: Vault) -> None:
    letter = document(vault)
    leased = claim(vault, letter.id)
    assert leased is not None
    assert (leased.outgoing.content, leased.attempts) == (letter.content, 1)
    assert isinstance(letter.content, Document)
    uploaded = Document(letter.content.report_id, "a.pdf", "Lab test", FileKind.PDF, "4711")
    with vault.database.begin() as work:
        assert work.outbox.lease(10) == []
        work.outbox.ready(leased, uploaded)
    with vault.database.begin() as work:
        [sent] = work.outbox.lease(10)
    assert (sent.outgoing.content, sent.attempts) == (uploaded, 1)
    assert claim(vault, letter.id) is None


def test_one_worker_has_an_upload(vault: Vault, threads: ThreadPoolExecutor) -> None:
    letter, start = document(vault), Barrier(4)

    def work(_: int) -> Leased | None:
        database = vault.worker(pool_size=1)
        start.wait()
        with database.begin() as work:
            return work.outbox.claim_upload(letter.id, LEASE)

    assert len([one for one in threads.map(work, range(4)) if one]) == 1


def test_an_upload_whose_worker_died_is_found_when_its_lease_ends(vault: Vault) -> None:
    letter = document(vault)
    assert overdue(vault) == []
    vault.later("outbox", 3)
    assert overdue(vault) == [letter.id]
    assert claim(vault, letter.id) is not None
    assert overdue(vault) == []
    vault.later("outbox", 179)
    assert claim(vault, letter.id) is None
    with vault.database.begin() as work:
        work.outbox.renew_upload(letter.id, LEASE)
    vault.later("outbox", 178)
    assert overdue(vault) == []
    vault.later("outbox", 5)
    assert overdue(vault) == [letter.id]
    again = claim(vault, letter.id)
    assert again is not None
    assert again.attempts == 2


def test_a_postponed_upload_counts_only_when_told_so(vault: Vault) -> None:
    letter = document(vault)
    for counts, attempts in ((False, 1), (True, 1), (True, 2)):
        leased = claim(vault, letter.id)
        assert leased is not None
        assert leased.attempts == attempts
        with vault.database.begin() as work:
            work.outbox.postpone_upload(letter.id, timedelta(seconds=1), counts=counts)
        assert claim(vault, letter.id) is None
        vault.later("outbox", 2)


def test_what_is_no_upload_cannot_be_claimed_as_one(vault: Vault) -> None:
    patient = vault.patient()
    text, held = vault.letter(patient), vault.letter(patient, Reply("x"), held_for=vault.new_id())
    vault.post(text, held)
    vault.later("outbox", 100)
    for id in (text.id, held.id, LetterId(vault.new_id())):
        assert claim(vault, id) is None
    assert overdue(vault) == []


def test_an_upload_that_cannot_be_opened_is_given_up(vault: Vault) -> None:
    letter = document(vault)
    vault.sql("UPDATE outbox SET content = 'junk'")
    assert claim(vault, letter.id) is None
    vault.later("outbox", 1000)
    assert overdue(vault) == []
    assert vault.one("SELECT state FROM outbox") == 55


SENT = """
INSERT INTO outbox (id, patient_id, subject, state, content)
SELECT gen_random_uuid(), (SELECT id FROM patients), gen_random_uuid(), 60, ''
FROM generate_series(1, 50000)
"""
DUE = """
INSERT INTO outbox (id, patient_id, subject, state, content)
SELECT gen_random_uuid(), (SELECT id FROM patients), gen_random_uuid(), state, ''
FROM generate_series(1, 5000) CROSS JOIN unnest(ARRAY[0, 10]) AS state
"""


def test_whoever_works_on_an_upload_reads_no_other_though_thousands_are_due(vault: Vault) -> None:
    letter = document(vault)
    vault.sql(SENT)
    vault.sql("ANALYZE outbox")
    vault.sql(DUE)
    leased = claim(vault, letter.id)
    assert leased is not None
    vault.later("outbox", LEASE.total_seconds(), f"id = '{letter.id}'")
    calls: dict[str, Callable[[UnitOfWork], object]] = {
        "claim": lambda work: work.outbox.claim_upload(letter.id, LEASE),
        "renew": lambda work: work.outbox.renew_upload(letter.id, LEASE),
        "postpone": lambda work: work.outbox.postpone_upload(letter.id, LEASE, counts=True),
        "ready": lambda work: work.outbox.ready(leased, leased.outgoing.content),
    }
    read = {name: blocks(vault, call) for name, call in calls.items()}
    assert max(read.values()) < BLOCKS, read
