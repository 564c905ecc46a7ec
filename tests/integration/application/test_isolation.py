"""Files that were in hand when a worker died are tried one at a time; all others side by side."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from medvault.application.isolation import Isolation
from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.errors import OutOfTime, Transient
from medvault.domain.quotas import Quotas
from medvault.ports import Queue
from support.clinic.clinic import Clinic
from support.clinic.deaths import Died

USERS = ("IN.anna", "IN.ben", "IN.cara", "IN.dora")
PATIENCE = 10.0
PREPARING = "SELECT id FROM outbox WHERE state = 0"


class Company:
    """How many worked on files at the same time, at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = self.most = 0

    def comes(self) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)

    def goes(self) -> None:
        with self._lock:
            self._now -= 1


def tries(clinic: Clinic) -> list[int]:
    return clinic.tables.column("SELECT attempts FROM media ORDER BY id")


def gets_files(clinic: Clinic) -> list[UUID]:
    return [clinic.gets_file(user) for user in USERS]


def together(clinic: Clinic, ids: Sequence[UUID]) -> list[bool | None]:
    """The results of a process with a thread for each of the files; None where it dies."""
    isolation = clinic.isolation()

    def process(id: UUID) -> bool | None:
        try:
            return isolation.process(id)
        except Died:
            return None

    with ThreadPoolExecutor(len(ids)) as threads:
        return list(threads.map(process, ids))


def dies_with_all_in_hand(clinic: Clinic, ids: Sequence[UUID]) -> None:
    """A process ends while it examines all of these, which takes that it does so side by side."""
    all_here = threading.Barrier(len(ids), timeout=PATIENCE)

    def dies() -> None:
        all_here.wait()
        raise Died

    clinic.examiner.during = dies
    assert together(clinic, ids) == [None] * len(ids)
    assert tries(clinic) == [1] * len(ids)
    clinic.due()


def test_after_a_death_each_is_tried_alone(clinic: Clinic) -> None:
    ids, company = gets_files(clinic), Company()
    dies_with_all_in_hand(clinic, ids)

    def looks() -> None:
        company.comes()
        threading.Event().wait(0.05)
        company.goes()

    clinic.examiner.during = looks
    assert together(clinic, ids) == [True] * len(ids)
    assert company.most == 1
    assert clinic.tables.column("SELECT state FROM media") == ["checked"] * len(ids)


def test_a_file_that_kills_every_time_takes_no_neighbour_along(clinic: Clinic) -> None:
    ids = gets_files(clinic)
    dies_with_all_in_hand(clinic, ids)
    killer, *neighbours = ids

    def dies_of_the_killer() -> None:
        leased_last = "SELECT id FROM media WHERE due_at IS NOT NULL ORDER BY due_at DESC LIMIT 1"
        if clinic.tables.one(leased_last) == str(killer):
            raise Died

    clinic.examiner.during = dies_of_the_killer
    for _ in range(2, MAX_ATTEMPTS + 2):
        together(clinic, ids)
        clinic.due()
    dead = clinic.tables.rows("SELECT id, kind, reason, attempts FROM dead_letters")
    assert dead == [(str(killer), "file", "crash", MAX_ATTEMPTS)]
    checked = clinic.tables.column("SELECT id FROM media WHERE state = 'checked'")
    assert set(checked) == {str(id) for id in neighbours}


@pytest.mark.parametrize("error", [Transient("broken"), None])
def test_what_failed_without_a_death_is_tried_in_company(
    clinic: Clinic, error: Transient | None
) -> None:
    ids = gets_files(clinic)
    if error:
        clinic.source.error = error
        together(clinic, ids)
        clinic.source.error = None
        clinic.due()
    clinic.examiner.during = threading.Barrier(len(ids), timeout=PATIENCE).wait
    assert together(clinic, ids) == [True] * len(ids)
    assert clinic.tables.column("SELECT state FROM media") == ["checked"] * len(ids)


def test_what_ran_out_of_time_beside_others_is_tried_alone(clinic: Clinic) -> None:
    ids, company = gets_files(clinic), Company()
    clinic.examiner.error = OutOfTime()
    clinic.examiner.during = threading.Barrier(len(ids), timeout=PATIENCE).wait
    assert together(clinic, ids) == [True] * len(ids)
    clinic.due()

    def looks() -> None:
        company.comes()
        threading.Event().wait(0.05)
        company.goes()

    clinic.examiner.error, clinic.examiner.during = None, looks
    assert together(clinic, ids) == [True] * len(ids)
    assert company.most == 1
    assert clinic.tables.column("SELECT verdict FROM media") == ["clean"] * len(ids)


def test_it_is_idle_until_as_many_are_in_hand_as_it_takes(clinic: Clinic) -> None:
    ids = gets_files(clinic)
    isolation, seen = clinic.isolation(), []
    all_here = threading.Barrier(len(ids), timeout=PATIENCE)

    def looks() -> None:
        if all_here.wait() == 0:
            seen.append(isolation.idle())
        all_here.wait()

    clinic.examiner.during = looks
    assert isolation.idle()
    with ThreadPoolExecutor(len(ids)) as threads:
        list(threads.map(isolation.process, ids))
    assert seen == [False]
    assert isolation.idle()


def test_an_upload_that_was_in_hand_is_tried_alone(clinic: Clinic) -> None:
    reports = [clinic.files_report(user) for user in USERS]
    for user in USERS:
        clinic.hears(user, "LIST", "GET 1")
    uploads = [UUID(id) for id in clinic.tables.column(PREPARING)]
    assert len(uploads) == len(reports)
    all_here, company = threading.Barrier(len(uploads), timeout=PATIENCE), Company()

    def dies() -> None:
        all_here.wait()
        raise Died

    clinic.source.during = dies
    assert together(clinic, uploads) == [None] * len(uploads)
    clinic.due()

    def looks() -> None:
        company.comes()
        threading.Event().wait(0.05)
        company.goes()

    clinic.source.during = looks
    assert together(clinic, uploads) == [True] * len(uploads)
    assert company.most == 1
    assert clinic.tables.column(PREPARING) == []


def test_each_job_goes_to_the_step_of_its_kind_alone(clinic: Clinic) -> None:
    """The file's step is not asked for documents, nor the other way round."""
    clinic.files_report("IN.anna")
    clinic.hears("IN.anna", "LIST", "GET 1")
    file, upload = clinic.gets_file("IN.ben"), UUID(clinic.tables.one(PREPARING))
    taken: list[tuple[str, UUID]] = []

    def note(kind: str) -> Callable[[UUID], bool]:
        def step(id: UUID) -> bool:
            taken.append((kind, id))
            return True

        return step

    isolation = Isolation(
        clinic.database, note("file"), note("document"), 1, clinic.waker, Quotas()
    )
    while isolation.process(file):
        pass
    assert sorted(taken) == [("document", upload), ("file", file)]


def test_the_last_place_is_kept_for_others_and_what_was_passed_over_is_woken_again(
    clinic: Clinic,
) -> None:
    isolation, here = clinic.isolation(), threading.Semaphore(0)
    go_on = threading.Event()

    def looks() -> None:
        here.release()
        go_on.wait(PATIENCE)

    clinic.examiner.during = looks
    files = [clinic.gets_file("IN.mallory") for _ in range(5)]
    bens = clinic.gets_file("IN.ben")
    clinic.tables.rows(
        "UPDATE accounts SET turn_at = now() + interval '1 hour' WHERE patient_id = %s",
        str(clinic.patient("IN.ben")),
    )
    clinic.waker.forget()
    with ThreadPoolExecutor(4) as threads:
        three = [threads.submit(isolation.process, id) for id in files[:3]]
        for _ in three:
            assert here.acquire(timeout=PATIENCE)
        assert not isolation.process(files[3]), "the last place is for others"
        clinic.tables.rows("UPDATE accounts SET turn_at = now() WHERE turn_at > now() + '1 minute'")
        ben = threads.submit(isolation.process, bens)
        assert here.acquire(timeout=PATIENCE), "one of whom nothing is in hand has it"
        assert clinic.waker.take(Queue.MEDIA) == []
        go_on.set()
        assert all(one.result(PATIENCE) for one in (*three, ben))
    assert clinic.waker.take(Queue.MEDIA) == [files[3]]
    assert isolation.process(files[3])
    assert isolation.process(files[4])
    assert clinic.tables.column("SELECT DISTINCT state FROM media") == ["checked"]
