"""One patient at full blast, and another one who waits for a single small file."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from uuid import UUID

import pytest

from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.application.isolation import Isolation
from medvault.domain.identifiers import MediaId
from medvault.domain.media import FileKind, Verdict
from medvault.domain.quotas import Bucket, Quotas
from medvault.ports import Download, Keep, MayTakeLong, Queue, always
from support import hostile, pdfs
from support.attacks import Attacks
from support.clinic.clinic import Clinic
from support.clinic.files import Judge
from support.clinic.tables import ClinicTables
from support.servers.postgres import Postgres

MALLORY, BEN = "IN.mallory", "IN.ben"
THREADS = 4
UNLIMITED = Quotas(Bucket(0, Quotas().messages.period), open_replies=0)


@pytest.fixture
def clinic(postgres_wheel: Postgres, tmp_path: Path) -> Iterator[Clinic]:
    tables = ClinicTables(postgres_wheel)
    clinic = Clinic(tables, tmp_path / "files")
    yield clinic
    clinic.close()
    tables.drop()


@dataclass
class Files:
    """Fulfils `MediaSource`: a small file under every handle but those of burners."""

    burner: bytes = b""
    small: bytes = field(default_factory=lambda: pdfs.written(pdfs.report(1)))

    @contextmanager
    def fetch(self, handle: str) -> Iterator[Download]:
        content = self.burner if handle.startswith("666") else self.small
        yield Download(len(content), None, iter([content]))


class Noted(Judge):
    """Notes the order in which files are looked into."""

    def __init__(self, clinic: Clinic) -> None:
        super().__init__()
        self._clinic = clinic
        self.order: list[str] = []

    def examine(
        self,
        chunks: Iterable[bytes],
        kind: FileKind,
        may_take_long: MayTakeLong = always,
        keep: Keep | None = None,
    ) -> Verdict:
        (patient,) = self._clinic.tables.column(
            "SELECT patient_id FROM media WHERE due_at > now() AND held_until > now()"
        )
        self.order.append(patient)
        return super().examine(chunks, kind, may_take_long, keep)


def places(clinic: Clinic, take: Callable[[], object], files: int) -> int:
    """Behind how many of Mallory's files Ben's is looked into, with one worker."""
    for _ in range(files):
        clinic.gets_file(MALLORY)
    clinic.gets_file(BEN)
    noted = Noted(clinic)
    clinic.examiner = noted
    for _ in range(files + 1):
        take()
    assert len(noted.order) == files + 1
    return noted.order.index(str(clinic.patient(BEN)))


def in_turn(clinic: Clinic) -> Callable[[], object]:
    """As it is: the turn decides, whatever wake-ups say."""
    isolation: list[Isolation] = []

    def take() -> object:
        if not isolation:
            isolation.append(clinic.isolation(at_once=1))
        return isolation[0].process(UUID(int=0))

    return take


def by_due_time(clinic: Clinic) -> Callable[[], object]:
    """As it was: file by file, in the order in which they came."""

    def take() -> object:
        oldest = "SELECT id FROM media WHERE due_at <= now() ORDER BY due_at LIMIT 1"
        return clinic.media().process(MediaId(UUID(clinic.tables.one(oldest))))

    return take


def test_a_single_file_waits_for_one_of_another_patient_and_no_more(
    clinic: Clinic, full: bool
) -> None:
    assert places(clinic, in_turn(clinic), 90 if full else 12) <= 1


def test_in_the_order_in_which_files_came_it_waits_for_all_of_them(clinic: Clinic) -> None:
    assert places(clinic, by_due_time(clinic), 12) == 12


def seconds_to_verdict(clinic: Clinic, process: Callable[[UUID], object], burners: int) -> float:
    """How long Ben waits for the verdict on his file, behind so many of Mallory's."""
    wake_ups = [clinic.gets_file(MALLORY, f"666{n}") for n in range(burners)]
    with ThreadPoolExecutor(THREADS) as threads:
        for id in wake_ups:
            threads.submit(process, id)
        if burners:
            _until(clinic, "SELECT count(*) >= 1 FROM media WHERE state = 'stored'")
        start = time.monotonic()
        file = clinic.gets_file(BEN)
        clinic.waker.forget()
        threads.submit(process, file)
        _until(clinic, f"SELECT verdict IS NOT NULL FROM media WHERE id = '{file}'", process)
        waited = time.monotonic() - start
        clinic.hears(MALLORY, "STOP")
        threads.shutdown(wait=True, cancel_futures=True)
    return waited


def _until(clinic: Clinic, condition: str, process: Callable[[UUID], object] | None = None) -> None:
    """Waits as a worker does: it tries wake-ups again that were passed over."""
    again = threading.Event()
    while not clinic.tables.one(condition):
        again.wait(0.02)
        for id in clinic.waker.take(Queue.MEDIA) if process else ():
            threading.Thread(target=process, args=[id], daemon=True).start()


@pytest.mark.alone
def test_a_patient_at_full_blast_keeps_nobody_waiting_twice_as_long(
    clinic: Clinic, full: bool, attacks: Attacks
) -> None:
    source, examiner = Files(), SandboxExaminer(None)
    media = clinic.media(source=source, examiner=examiner)
    isolation = clinic.isolation(media, THREADS)
    source.burner = hostile.burner(8 if full else 2)
    burners, tries = (24, 5) if full else (8, 3)
    alone, blast = [], []
    for _ in range(tries):
        # By turns, so that whatever else the machine does weighs on both.
        alone.append(seconds_to_verdict(clinic, isolation.process, 0))
        blast.append(seconds_to_verdict(clinic, isolation.process, burners))
    # Without turns each thread takes the next file that came, whoever sent it.
    before = seconds_to_verdict(clinic, lambda id: media.process(MediaId(id)), burners)
    ratio, control = (median(one) / median(alone) for one in (blast, [before]))
    attacks.measured(worker_file_ratio=round(ratio, 2), worker_file_ratio_control=round(control, 2))
    # Tenths of a second: in a small run a turn of the machine weighs as much as a file.
    assert ratio <= (2 if full else 3)
    assert control > (2 if full else 3)
