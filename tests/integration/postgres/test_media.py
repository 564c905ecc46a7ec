"""A received file's row, from its announcement until nothing is left of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from uuid import UUID

import pytest

from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.media import Attachment, FileKind, MediaState, Verdict
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType
from medvault.ports.persistence import UnitOfWork
from medvault.ports.vault import Filing, MediaRecord, NewFile
from support.plans import blocks
from support.vaults import Vault

LEASE = timedelta(minutes=3)
DETAILS = ReportDetails(date(2026, 5, 2), "City Hospital", ReportType.LAB)
BLOCKS = 60
"""The blocks that one statement about one row may read: twenty thousand rows fill more."""
ATTACHMENT = Attachment("4711", "application/pdf", "c2hhMjU2", "blood “test”.pdf")


def announced(vault: Vault) -> MediaId:
    """A file to be fetched."""
    id = MediaId(vault.new_id())
    with vault.database.begin() as work:
        work.media.add([NewFile(id, vault.patient().patient_id, ATTACHMENT)])
    return id


def claim(vault: Vault, id: MediaId) -> MediaRecord | None:
    """A worker's lease."""
    with vault.database.begin() as work:
        return work.media.claim(id, LEASE)


def checked(vault: Vault, verdict: Verdict = Verdict.CLEAN) -> MediaId:
    """A file that was fetched and checked."""
    id = announced(vault)
    claim(vault, id)
    with vault.database.begin() as work:
        assert work.media.stored(id, FileKind.PDF, 100)
        work.media.checked(id, verdict)
    return id


def filing_of(vault: Vault, *ids: MediaId) -> Filing:
    """A report that is to be filed, of these files of one patient."""
    files = tuple(ReportFile(id, position) for position, id in enumerate(ids, start=1))
    positions = tuple(file.position for file in files)
    owner = vault.one("SELECT patient_id FROM media WHERE id = :id", id=ids[0])
    return Filing(owner, Report(ReportId(vault.new_id()), DETAILS, positions=positions), files)


def state(vault: Vault, id: UUID) -> str:
    """Where a file stands."""
    found: str = vault.one("SELECT state FROM media WHERE id = :id", id=id)
    return found


def leftovers(vault: Vault) -> list[UUID]:
    """The files whose bytes can go."""
    with vault.database.begin() as work:
        return list(work.media.leftovers(10))


def overdue(vault: Vault) -> list[UUID]:
    """The files that nobody works on though they are due."""
    with vault.database.begin() as work:
        return list(work.accounts.overdue(10, 10))


def test_a_file_goes_all_the_way_into_the_vault(vault: Vault) -> None:
    id = announced(vault)
    filing = filing_of(vault, id)
    record = claim(vault, id)
    assert record is not None
    assert (record.state, record.attachment, record.attempts) == (MediaState.WANTED, ATTACHMENT, 1)
    with vault.database.begin() as work:
        assert work.media.stored(id, FileKind.PDF, 100)
        work.media.checked(id, Verdict.CLEAN)
    assert claim(vault, id) is None
    with vault.database.begin() as work:
        work.reports.add([filing])
        work.media.file([filing])
    record = claim(vault, id)
    assert record is not None
    assert (record.state, record.attempts) == (MediaState.FILING, 1)
    assert (record.report_id, record.files) == (filing.report.id, filing.files)
    assert (record.kind, record.size) == (FileKind.PDF, 100)
    assert leftovers(vault) == []
    with vault.database.begin() as work:
        work.media.filed([id])
    assert state(vault, id) == "filed"
    assert leftovers(vault) == [id]
    with vault.database.begin() as work:
        work.media.swept([id])
    assert leftovers(vault) == []
    vault.later("media", 10_000)
    assert overdue(vault) == []


def test_a_report_of_several_files_is_worked_on_as_one(vault: Vault) -> None:
    first, second = checked(vault), checked(vault)
    filing = filing_of(vault, first, second)
    with vault.database.begin() as work:
        work.reports.add([filing])
        work.media.file([filing])
    assert overdue(vault) == []
    assert claim(vault, second) is None
    record = claim(vault, first)
    assert record is not None
    assert record.files == filing.files
    with vault.database.begin() as work:
        work.media.lose([first, second])
    assert (state(vault, first), state(vault, second)) == ("lost", "lost")
    assert claim(vault, first) is None


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.WAITING])
def test_only_what_was_accepted_can_be_filed(vault: Vault, verdict: Verdict) -> None:
    id = checked(vault, verdict)
    with vault.database.begin() as work:
        work.media.file([filing_of(vault, id)])
    kept = verdict.accepted or verdict is Verdict.UNCHECKED
    unfiled = "lost" if kept else "refused"
    assert state(vault, id) == ("filing" if verdict.accepted else unfiled)
    assert leftovers(vault) == ([] if kept else [id])


def test_a_file_that_was_let_go_is_worked_on_no_more(vault: Vault) -> None:
    id = announced(vault)
    claim(vault, id)
    with vault.database.begin() as work:
        work.media.discard([id])
    with vault.database.begin() as work:
        assert not work.media.stored(id, FileKind.PDF, 100)
        work.media.checked(id, Verdict.CLEAN)
        work.media.postpone(id, timedelta(0), counts=True)
        work.media.renew(id, LEASE)
        work.media.file([filing_of(vault, id)])
    assert state(vault, id) == "discarded"
    assert claim(vault, id) is None
    assert leftovers(vault) == []
    with vault.database.begin() as work:
        work.media.release(id)
    assert leftovers(vault) == [id]


def test_a_file_on_its_way_into_the_vault_is_not_let_go(vault: Vault) -> None:
    id = checked(vault)
    with vault.database.begin() as work:
        work.media.file([filing_of(vault, id)])
        work.media.discard([id])
    assert state(vault, id) == "filing"
    with vault.database.begin() as work:
        work.media.filed([id])
        work.media.discard([id])
    assert state(vault, id) == "filed"


def test_a_verdict_that_comes_late_changes_nothing(vault: Vault) -> None:
    id = checked(vault, Verdict.INFECTED)
    with vault.database.begin() as work:
        work.media.checked(id, Verdict.CLEAN)
    assert state(vault, id) == "refused"


def test_one_worker_has_a_file(vault: Vault, threads: ThreadPoolExecutor) -> None:
    id, start = announced(vault), Barrier(4)

    def work(_: int) -> MediaRecord | None:
        database = vault.worker(pool_size=1)
        start.wait()
        with database.begin() as work:
            return work.media.claim(id, LEASE)

    assert len([one for one in threads.map(work, range(4)) if one]) == 1


def test_a_file_whose_worker_died_is_found_when_its_lease_ends(vault: Vault) -> None:
    id = announced(vault)
    assert overdue(vault) == []
    claim(vault, id)
    vault.later("media", 179)
    assert claim(vault, id) is None
    with vault.database.begin() as work:
        work.media.renew(id, LEASE)
    vault.later("media", 178)
    assert overdue(vault) == []
    vault.later("media", 5)
    assert overdue(vault) == [id]
    again = claim(vault, id)
    assert again is not None
    assert again.attempts == 2


def test_a_postponed_file_counts_only_when_told_so(vault: Vault) -> None:
    id = announced(vault)
    for counts, attempts in ((False, 1), (True, 1), (True, 2)):
        record = claim(vault, id)
        assert record is not None
        assert record.attempts == attempts
        with vault.database.begin() as work:
            work.media.postpone(id, timedelta(seconds=5), counts=counts)
        assert claim(vault, id) is None
        vault.later("media", 6)


def test_an_announcement_that_cannot_be_opened_is_empty(vault: Vault) -> None:
    id = announced(vault)
    vault.sql("UPDATE media SET sealed = 'junk'")
    record = claim(vault, id)
    assert record is not None
    assert record.attachment == Attachment("", "")


FILED = """
INSERT INTO media (id, patient_id, state, sealed, due_at, in_incoming)
SELECT gen_random_uuid(), (SELECT id FROM patients), 'filed', '', NULL, false
FROM generate_series(1, 50000)
"""
DUE = """
INSERT INTO media (id, patient_id, state, sealed, in_incoming)
SELECT gen_random_uuid(), (SELECT id FROM patients), 'wanted', '', false
FROM generate_series(1, 20000)
"""


def test_whoever_works_on_a_file_reads_no_other_though_thousands_are_due(vault: Vault) -> None:
    id = announced(vault)
    vault.sql(FILED)
    vault.sql("ANALYZE media")
    vault.sql(DUE)
    calls: dict[str, Callable[[UnitOfWork], object]] = {
        "claim": lambda work: work.media.claim(id, LEASE),
        "renew": lambda work: work.media.renew(id, LEASE),
        "postpone": lambda work: work.media.postpone(id, LEASE, counts=True),
        "checked": lambda work: work.media.checked(id, Verdict.CLEAN),
    }
    read = {name: blocks(vault, call) for name, call in calls.items()}
    assert max(read.values()) < BLOCKS, read
