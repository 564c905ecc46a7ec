"""Files and documents are taken patient by patient, whoever has how many of them."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from medvault.domain.identifiers import MediaId, PersonId, ReportId
from medvault.domain.media import KEPT, Attachment, FileKind
from medvault.domain.outbound import Document
from medvault.domain.quotas import Bucket, Held, Quotas, Used
from medvault.ports.accounts import DocumentJob, FileJob, Turn
from medvault.ports.persistence import UnitOfWork
from medvault.ports.vault import NewFile
from support.plans import blocks
from support.vaults import Vault

LEASE = timedelta(minutes=3)
QUOTAS = Quotas()
ATTACHMENT = Attachment("4711", "application/pdf")
FEW = 100
"""Blocks that taking a turn may read: the files that wait fill thousands."""


def sends(vault: Vault, patient: PersonId, files: int = 1) -> list[MediaId]:
    """A patient's files, in line."""
    ids = [MediaId(vault.new_id()) for _ in range(files)]
    with vault.database.begin() as work:
        work.media.add([NewFile(id, patient, ATTACHMENT) for id in ids])
        work.accounts.line_up([patient])
    return ids


def takes(vault: Vault, quotas: Quotas = QUOTAS, *, only_idle: bool = False) -> Turn | None:
    """A worker's turn, with the lease that follows."""
    with vault.database.begin() as work:
        turn = work.accounts.turn(quotas, only_idle=only_idle)
    if turn and turn.job:
        with vault.database.begin() as work:
            assert work.media.claim(file_of(turn), LEASE)
    return turn


def ends(vault: Vault, turn: Turn | None) -> None:
    """The end of the work on a file."""
    assert turn is not None
    with vault.database.begin() as work:
        work.media.discard([file_of(turn)])
        work.media.release(file_of(turn))


def file_of(turn: Turn) -> MediaId:
    assert isinstance(turn.job, FileJob)
    return turn.job.id


def whose(turn: Turn | None) -> UUID | None:
    return turn.patient_id if turn else None


def a_patient(vault: Vault) -> PersonId:
    return vault.patient().patient_id


def test_nobody_has_a_turn_where_nothing_waits(vault: Vault) -> None:
    a_patient(vault)
    assert takes(vault) is None


def test_a_single_file_is_second_though_another_patient_sent_many_before(vault: Vault) -> None:
    mallory, ben = a_patient(vault), a_patient(vault)
    sends(vault, mallory, 50)
    (file,) = sends(vault, ben)
    turns = [takes(vault) for _ in range(3)]
    assert [whose(turn) for turn in turns] == [mallory, ben, mallory]
    assert turns[1] is not None
    assert turns[1].job == FileJob(file)


@pytest.mark.parametrize("at_once", [1, 3])
def test_patients_take_turns(vault: Vault, at_once: int) -> None:
    patients = [a_patient(vault) for _ in range(3)]
    for patient in patients:
        sends(vault, patient, 4)
    order, in_hand = [], [takes(vault) for _ in range(at_once)]
    while in_hand[0]:
        ended = in_hand.pop(0)
        order.append(whose(ended))
        ends(vault, ended)
        in_hand.append(takes(vault))
    assert order == patients * 4


def test_one_patient_alone_may_have_all_hands(vault: Vault) -> None:
    mallory = a_patient(vault)
    files = sends(vault, mallory, 4)
    turns = [takes(vault) for _ in range(5)]
    assert [file_of(turn) for turn in turns if turn] == files


def test_of_a_patient_who_has_something_in_hand_the_next_waits_for_all_others(
    vault: Vault,
) -> None:
    mallory, *others = [a_patient(vault) for _ in range(4)]
    sends(vault, mallory, 3)
    assert whose(takes(vault)) == mallory
    for other in others:
        sends(vault, other)
    assert [whose(takes(vault)) for _ in range(4)] == [*others, mallory]


def test_the_last_hand_is_for_patients_who_have_none(vault: Vault) -> None:
    mallory, ben = a_patient(vault), a_patient(vault)
    sends(vault, mallory, 3)
    first = takes(vault)
    assert takes(vault, only_idle=True) is None
    sends(vault, ben)
    assert whose(takes(vault, only_idle=True)) == ben
    ends(vault, first)
    assert whose(takes(vault, only_idle=True)) == mallory


def test_documents_and_files_share_a_patients_turns(vault: Vault) -> None:
    mallory, ben = vault.patient(), a_patient(vault)
    letters = [
        vault.letter(mallory, Document(ReportId(vault.new_id()), "a.pdf", "Lab test"))
        for _ in range(3)
    ]
    vault.post(*letters)
    with vault.database.begin() as work:
        work.accounts.line_up([mallory.patient_id])
    sends(vault, mallory.patient_id)
    sends(vault, ben)
    found = []
    for _ in range(3):
        with vault.database.begin() as work:
            turn = work.accounts.turn(QUOTAS)
        assert turn is not None
        found.append((turn.patient_id, turn.job in [DocumentJob(letter.id) for letter in letters]))
    assert found == [(mallory.patient_id, True), (ben, False), (mallory.patient_id, True)]


def test_what_is_reserved_is_free_again_if_nobody_claims_it(vault: Vault) -> None:
    (file,) = sends(vault, a_patient(vault))
    with vault.database.begin() as work:
        first = work.accounts.turn(QUOTAS)
    assert first is not None
    assert (first.job, first.suspected) == (FileJob(file), False)
    assert takes(vault) is None
    vault.later("media", 10)
    with vault.database.begin() as work:
        assert work.accounts.overdue(10, 10) == [file]
        again = work.accounts.turn(QUOTAS)
    assert again is not None
    assert (again.job, again.suspected) == (FileJob(file), True), "somebody may have died of it"


def test_a_turn_that_was_lost_with_its_process_is_before_those_who_came_later(
    vault: Vault,
) -> None:
    unlucky = a_patient(vault)
    (file,) = sends(vault, unlucky)
    assert whose(takes(vault)) == unlucky
    vault.later("media", LEASE.total_seconds() + 3)
    other = a_patient(vault)
    sends(vault, other)
    with vault.database.begin() as work:
        assert file in work.accounts.overdue(10, 10)
    assert [whose(takes(vault)) for _ in range(2)] == [unlucky, other]


def test_a_file_without_an_account_is_found_by_the_sweep(vault: Vault) -> None:
    patient, id = a_patient(vault), MediaId(vault.new_id())
    with vault.database.begin() as work:
        work.media.add([NewFile(id, patient, ATTACHMENT)])
    assert takes(vault) is None
    vault.later("media", 3)
    with vault.database.begin() as work:
        assert work.accounts.overdue(10, 10) == [id]
    turn = takes(vault)
    assert turn is not None
    assert turn.job == FileJob(id)


def test_side_by_side_nobody_takes_a_file_twice_and_nothing_is_left(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    patients = [a_patient(vault) for _ in range(4)]
    files = [id for patient in patients for id in sends(vault, patient, 6)]

    def work(_: int) -> list[UUID]:
        taken: list[UUID] = []
        while turn := takes(vault):
            if turn.job:
                taken.append(file_of(turn))
                ends(vault, turn)
        return taken

    taken = [id for some in threads.map(work, range(4)) for id in some]
    with vault.database.begin() as unit:
        unit.accounts.line_up(patients)
    assert Counter(taken + work(0)) == Counter(files)


def test_while_somebody_holds_the_only_account_one_may_look_again(vault: Vault) -> None:
    (file,) = sends(vault, a_patient(vault))
    with vault.worker().begin() as holder:
        holder.accounts.line_up([vault.one("SELECT patient_id FROM accounts")])
        with vault.worker().begin() as work:
            held = work.accounts.turn(QUOTAS)
    assert held is not None
    assert (held.patient_id, held.job) == (None, None)
    turn = takes(vault)
    assert turn is not None
    assert turn.job == FileJob(file)


def fills(vault: Vault, patient: PersonId, used: Used, quotas: Quotas = QUOTAS) -> None:
    """Work that was done for a patient."""
    with vault.database.begin() as work:
        work.accounts.charge(patient, used, quotas)


FULL = [
    (Held.FILES, Used(files=1001)),
    (Held.BYTES, Used(bytes=5_100_000_000)),
    (Held.CPU, Used(cpu=1300)),
]


@pytest.mark.parametrize(("reason", "used"), FULL, ids=[reason for reason, _ in FULL])
def test_above_a_quota_files_wait_and_are_lost_by_nobody(
    vault: Vault, reason: Held, used: Used
) -> None:
    mallory = a_patient(vault)
    files = sends(vault, mallory, 3)
    fills(vault, mallory, used)
    first = takes(vault)
    assert first is not None
    assert first.job is None
    assert first.wait is not None
    assert (first.wait.reason, first.tell) == (reason, True)
    assert first.waiting in files
    assert takes(vault) is None
    vault.later("media", 86_400 * 2)
    vault.later("accounts", 86_400 * 2)
    with vault.database.begin() as work:
        work.accounts.overdue(10, 10)
    assert {file_of(turn) for _ in files if (turn := takes(vault))} == set(files)


def test_a_patient_is_told_once_while_files_wait_again_and_again(vault: Vault) -> None:
    mallory = a_patient(vault)
    told = []
    fills(vault, mallory, Used(files=1001))
    for minutes in (0, 20, 40, 40, 90):
        vault.later("accounts", minutes * 60, "files_until IS NOT NULL")
        fills(vault, mallory, Used(files=1001))
        sends(vault, mallory)
        turn = takes(vault)
        assert turn is not None
        told.append(turn.tell)
    assert told == [True, False, False, False, True]


@pytest.mark.parametrize(("seconds", "extra"), [(8, False), (15, True)])
def test_whose_files_took_much_cpu_lately_leaves_it_to_others(
    vault: Vault, seconds: float, extra: bool
) -> None:
    mallory = a_patient(vault)
    sends(vault, mallory)
    fills(vault, mallory, Used(cpu=seconds))
    turn = takes(vault)
    assert turn is not None
    assert (turn.wait, turn.extra) == (None, extra)


def test_what_is_fetched_already_does_not_wait_for_a_quota(vault: Vault) -> None:
    mallory = a_patient(vault)
    fetched, later = sends(vault, mallory, 2)
    with vault.database.begin() as work:
        work.media.stored(MediaId(fetched), FileKind.PDF, 100)
    fills(vault, mallory, Used(files=2000))
    turn = takes(vault)
    assert turn is not None
    assert (turn.job, turn.waiting) == (FileJob(MediaId(fetched)), later)


def test_a_file_waits_no_longer_than_whatsapp_keeps_it(vault: Vault) -> None:
    mallory = a_patient(vault)
    (file,) = sends(vault, mallory)
    fills(vault, mallory, Used(files=1), Quotas(files=Bucket(1, timedelta(days=30))))
    fills(vault, mallory, Used(files=20_000))
    assert vault.one("SELECT due_at <= now() FROM media")
    turn = takes(vault)
    assert turn is not None
    assert turn.job is None
    assert vault.one("SELECT due_at - created_at FROM media") == KEPT
    vault.later("media", KEPT.total_seconds() + 5)
    with vault.database.begin() as work:
        work.accounts.overdue(10, 10)
        late = work.accounts.turn(QUOTAS)
        assert late is not None
        assert late.job == FileJob(file)
        record = work.media.claim(MediaId(file), LEASE)
    assert record is not None
    assert record.late


def test_the_account_says_what_the_buckets_say(vault: Vault) -> None:
    mallory = a_patient(vault)
    before = vault.one("SELECT now()")
    for _ in range(3):
        fills(vault, mallory, Used(files=10, bytes=1_000_000, cpu=2.5))
    expected = {
        "files_until": QUOTAS.files.lasts(30),
        "bytes_until": QUOTAS.bytes.lasts(3_000_000),
        "cpu_until": QUOTAS.cpu.lasts(7.5),
    }
    for column, lasts in expected.items():
        until = vault.one(f"SELECT {column} FROM accounts")
        assert timedelta(0) <= until - before - lasts < timedelta(seconds=5), column


MANY = """
INSERT INTO media (id, patient_id, state, sealed, in_incoming)
SELECT gen_random_uuid(), :patient, 'wanted', '', false FROM generate_series(1, 30000)
"""
FILED = """
INSERT INTO media (id, patient_id, state, sealed, due_at, in_incoming)
SELECT gen_random_uuid(), :patient, 'filed', '', NULL, false FROM generate_series(1, 30000)
"""


def test_taking_a_turn_reads_little_though_one_patient_has_thousands_of_files(
    vault: Vault,
) -> None:
    mallory, ben = a_patient(vault), a_patient(vault)
    vault.sql(FILED, patient=mallory)
    vault.sql("ANALYZE media")
    vault.sql(MANY, patient=mallory)
    with vault.database.begin() as work:
        work.accounts.line_up([mallory])
    sends(vault, ben)
    calls: dict[str, Callable[[UnitOfWork], object]] = {
        "turn": lambda work: work.accounts.turn(QUOTAS),
        "turn of the next": lambda work: work.accounts.turn(QUOTAS),
        "sweep": lambda work: work.accounts.overdue(256, 8),
        "line up": lambda work: work.accounts.line_up([mallory, ben]),
    }
    read = {name: blocks(vault, call) for name, call in calls.items()}
    assert max(read.values()) < FEW, read
