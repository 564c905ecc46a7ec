"""Scans that never end in time, by a clamd that is there: they end, and hold up nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from medvault.adapters.clamav.scanner import ClamdScanner
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.application.slow_lane import SlowLane
from medvault.bootstrap.desk import make_dead_letter_desk
from medvault.domain.dead_letters import MAX_ATTEMPTS, RequestOutcome
from medvault.domain.identifiers import MediaId
from medvault.ports import Download, Queue
from support import pdfs
from support.clinic.clinic import Clinic
from support.clinic.files import Shelf
from support.servers.clamd import Clamd
from support.servers.slow_clamd import SLOW, SlowClamd
from support.servers.waiting import wait_until

ANNA, BEN = "IN.anna", "IN.ben"
SLOW_ONES = ("IN.cara", "IN.dora", "IN.emil", "IN.fay")
PATIENCE = 20.0
STATES = "SELECT state FROM media ORDER BY id"


class Shelves(Shelf):
    """Has a file that takes long to scan under the handle `slow`."""

    @contextmanager
    def fetch(self, handle: str) -> Iterator[Download]:
        content = SLOW if handle == "slow" else b"quick"
        shelf = Shelf(pdfs.written(pdfs.report(1)) + b"\n%" + content)
        with shelf.fetch(handle) as download:
            yield download


@pytest.fixture
def slow_clamd(clamd: Clamd) -> Iterator[SlowClamd]:
    with SlowClamd(clamd) as server:
        yield server


def examines(clinic: Clinic, server: SlowClamd, seconds: float, quick: float) -> None:
    clinic.source = Shelves()
    scanner = ClamdScanner(f"tcp://{server.address}", 1.0, seconds, quick)
    clinic.examiner = SandboxExaminer(scanner)


def test_after_five_scans_without_an_end_the_file_is_kept_and_a_dead_letter(
    clinic: Clinic, slow_clamd: SlowClamd
) -> None:
    examines(clinic, slow_clamd, seconds=0.4, quick=0.2)
    id = clinic.gets_file(ANNA, "slow")
    for attempts in range(1, MAX_ATTEMPTS + 1):
        assert clinic.tables.column("SELECT attempts FROM media") == [attempts - 1]
        assert clinic.media().process(id)
        clinic.due()
    clinic.settle()
    said = clinic.said(ANNA)
    assert "took too long" in said[-1]
    assert not any("not available" in text for text in said), "the check is there"
    desk = make_dead_letter_desk(clinic.base)
    [letter] = desk.listed()
    assert (letter.id, letter.kind, letter.error) == (id, "file", "ScanOverran")
    assert letter.attempts == MAX_ATTEMPTS
    clinic.maintenance().tick()
    assert list(clinic.store.keys("incoming/")) == [f"incoming/{id}"]

    slow_clamd.let_go()
    assert desk.replay(id, "the admin") is RequestOutcome.REPLAYED
    clinic.inbound.handle([clinic.subject(ANNA)])
    clinic.settle()
    assert "What date is on the report?" in clinic.said(ANNA)[-1]
    assert clinic.tables.column(STATES) == ["checked"]


def test_who_is_replayed_in_vain_is_told_again(clinic: Clinic, slow_clamd: SlowClamd) -> None:
    examines(clinic, slow_clamd, seconds=0.2, quick=0.1)
    id = clinic.gets_file(ANNA, "slow")
    desk = make_dead_letter_desk(clinic.base)
    for deaths in (1, 2):
        for _ in range(MAX_ATTEMPTS):
            clinic.media().process(id)
            clinic.due()
        clinic.settle()
        assert sum("took too long" in text for text in clinic.said(ANNA)) == deaths
        assert desk.replay(id, "the admin") is RequestOutcome.REPLAYED
        clinic.inbound.handle([clinic.subject(ANNA)])
        clinic.waker.forget()


def test_a_frozen_scanner_costs_no_try(clinic: Clinic) -> None:
    with SlowClamd(Clamd("127.0.0.1:9")) as server:
        examines(clinic, server, seconds=0.4, quick=0.1)
        id = clinic.gets_file(ANNA, "slow")
        assert clinic.media().process(id)
        clinic.inbound.handle([clinic.subject(ANNA)])
    assert clinic.tables.column("SELECT attempts FROM media") == [0]
    assert "not available" in clinic.said(ANNA)[-1]


@pytest.mark.parametrize("places", [2, 100])
def test_scans_that_take_long_hold_up_nobody(
    clinic: Clinic, slow_clamd: SlowClamd, places: int
) -> None:
    """The control lets all scans take as long as they do."""
    examines(clinic, slow_clamd, seconds=PATIENCE, quick=0.3)
    isolation = clinic.isolation(clinic.media(lane=SlowLane(places)))
    slow = [clinic.gets_file(user, "slow") for user in SLOW_ONES]
    with ThreadPoolExecutor(4) as threads:
        first = [threads.submit(isolation.process, id) for id in slow]
        for _ in slow:
            assert slow_clamd.waiting.acquire(timeout=PATIENCE)
        bens = [clinic.gets_file(BEN) for _ in range(3)]
        second = [threads.submit(isolation.process, id) for id in bens]
        if places == 2:

            def all_checked() -> bool:
                for id in clinic.waker.take(Queue.MEDIA):
                    threads.submit(isolation.process, id)
                return checked(clinic, bens) == len(bens)

            wait_until(all_checked, seconds=PATIENCE, what="Ben's files")
            assert sum(one.done() for one in first) == 2, "two scans go on"
        else:
            assert not any(one.done() for one in (*first, *second))
        slow_clamd.let_go()
        assert all(one.result(PATIENCE) for one in first)
    while clinic.tables.column("SELECT id FROM media WHERE due_at IS NOT NULL"):
        clinic.due()
        clinic.waker.take(Queue.MEDIA)
        isolation.process(bens[0])
    assert clinic.tables.column("SELECT DISTINCT state FROM media") == ["checked"]
    assert clinic.tables.column("SELECT id FROM dead_letters") == []


def checked(clinic: Clinic, files: list[MediaId]) -> int:
    found = clinic.tables.column("SELECT id FROM media WHERE state = 'checked'")
    return len({str(id) for id in files} & set(found))
