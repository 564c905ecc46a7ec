"""A file from its announcement to its verdict."""

import hashlib
import threading
import time
from datetime import timedelta
from uuid import UUID

import pytest

from medvault.adapters.whatsapp.media import CloudMedia
from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.errors import Expired, OutOfTime, Permanent, Transient, Unavailable
from medvault.domain.identifiers import MediaId
from medvault.domain.media import MAX_BYTES, Verdict
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.clinic.deaths import Failing
from support.clinic.files import PDF, Judge, Shelf
from support.servers.waiting import wait_until
from support.simulated import Simulator

ANNA = "IN.anna"


def row(clinic: Clinic, id: UUID) -> tuple[str, str | None, int]:
    statement = "SELECT state, verdict, attempts FROM media WHERE id = %s"
    ((state, verdict, attempts),) = clinic.tables.rows(statement, id)
    return state, verdict, attempts


def reports_of(clinic: Clinic) -> int:
    return int(clinic.tables.one("SELECT count(*) FROM inbox WHERE kind = 'checked'"))


def process_until_judged(clinic: Clinic, id: MediaId, most: int = 12) -> None:
    media = clinic.media()
    for _ in range(most):
        clinic.due()
        if not media.process(id):
            return
    pytest.fail("never judged")


@pytest.mark.parametrize(
    "verdict", [v for v in Verdict if not v.accepted and v not in ("waiting", "unchecked")]
)
def test_what_the_examination_refuses_is_told_and_removed(clinic: Clinic, verdict: Verdict) -> None:
    id = clinic.gets_file(ANNA)
    clinic.examiner.verdict = verdict
    clinic.settle()
    assert row(clinic, id)[:2] == ("refused", verdict)
    assert clinic.state(ANNA).filing.draft is None
    assert clinic.audit(ANNA)[-1] == "file.refused"
    clinic.maintenance().tick()
    assert not list(clinic.store.keys(""))


@pytest.mark.parametrize(
    ("shelf", "verdict"),
    [
        (Shelf(content=b"", size=0), Verdict.EMPTY),
        (Shelf(size=MAX_BYTES + 1), Verdict.TOO_LARGE),
        (Shelf(content=b"MZ" + bytes(200)), Verdict.WRONG_KIND),
        (Shelf(error=Expired("gone")), Verdict.EXPIRED),
        (Shelf(error=Permanent("refused")), Verdict.FAILED),
    ],
    ids=lambda value: str(value) if isinstance(value, Verdict) else "",
)
def test_what_can_not_be_fetched_is_told_at_once(
    clinic: Clinic, shelf: Shelf, verdict: Verdict
) -> None:
    clinic.source = shelf
    id = clinic.gets_file(ANNA)
    clinic.settle()
    assert row(clinic, id)[:2] == ("refused", verdict)
    assert not clinic.examiner.seen
    assert shelf.fetched == ["7"]
    assert not list(clinic.store.keys(""))


@pytest.mark.parametrize(
    "shelf",
    [
        Shelf(sha256=hashlib.sha256(b"another file").digest()),
        Shelf(size=len(PDF) + 1),
        Shelf(size=len(PDF) - 1),
        Shelf(error=Transient("broken")),
    ],
)
def test_a_file_that_never_arrives_whole_fails_after_five_attempts(
    clinic: Clinic, shelf: Shelf
) -> None:
    clinic.source = shelf
    id = clinic.gets_file(ANNA)
    process_until_judged(clinic, id)
    clinic.settle()
    assert row(clinic, id)[:2] == ("refused", "failed")
    assert len(shelf.fetched) == MAX_ATTEMPTS
    assert not list(clinic.store.keys(""))
    assert reports_of(clinic) == 1


def test_a_file_that_runs_out_of_time_again_and_again_is_not_said_to_be_bad(
    clinic: Clinic,
) -> None:
    clinic.examiner.error = OutOfTime()
    id = clinic.gets_file(ANNA)
    process_until_judged(clinic, id)
    clinic.settle()
    assert row(clinic, id)[:2] == ("lost", Verdict.UNCHECKED)
    assert len(clinic.examiner.seen) == MAX_ATTEMPTS
    assert clinic.tables.column("SELECT error FROM dead_letters") == ["OutOfTime"]


def test_a_file_that_arrives_whole_in_the_end_is_taken(clinic: Clinic) -> None:
    clinic.source.error = Transient("broken")
    id = clinic.gets_file(ANNA)
    for _ in range(MAX_ATTEMPTS - 1):
        clinic.due()
        clinic.media().process(id)
    clinic.source.error = None
    process_until_judged(clinic, id)
    assert row(clinic, id)[:2] == ("checked", "clean")
    assert clinic.examiner.seen == [PDF]


@pytest.mark.parametrize("dependency", ["whatsapp", "storage", "clamd"])
def test_a_dependency_that_is_away_uses_up_no_attempt(clinic: Clinic, dependency: str) -> None:
    id = clinic.gets_file(ANNA)
    away = Unavailable(dependency)
    ports = {
        "whatsapp": {"source": Failing(clinic.source, "fetch", away, 9)},
        "storage": {"store": Failing(clinic.store, "put", away, 9)},
        "clamd": {"examiner": Failing(clinic.examiner, "examine", away, 9)},
    }
    media = clinic.media(**ports[dependency])
    for _ in range(9):
        clinic.due()
        assert media.process(id)
        assert row(clinic, id)[2] <= 1
    clinic.settle()
    told = [text for text in clinic.said(ANNA) if "virus check is not available" in text]
    assert len(told) == (1 if dependency == "clamd" else 0)
    clinic.due()
    media.process(id)
    clinic.settle()
    assert row(clinic, id)[:2] == ("checked", "clean")
    assert "What date" in clinic.said(ANNA)[-1]


def test_a_wake_up_before_its_time_does_nothing(clinic: Clinic) -> None:
    clinic.source.error = Transient("broken")
    id = clinic.gets_file(ANNA)
    assert clinic.media().process(id)
    assert not clinic.media().process(id)
    assert clinic.source.fetched == ["7"]


def test_a_file_that_kills_its_workers_is_given_up(clinic: Clinic) -> None:
    def dies() -> None:
        raise SystemExit

    clinic.examiner.during = dies
    id = clinic.gets_file(ANNA)
    for _ in range(MAX_ATTEMPTS):
        clinic.due()
        with pytest.raises(SystemExit):
            clinic.media().process(id)
    process_until_judged(clinic, id)
    assert row(clinic, id)[:2] == ("refused", "failed")


def test_a_file_that_is_let_go_while_it_is_fetched_leaves_nothing(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)

    def is_let_go_and_swept() -> None:
        clinic.hears(ANNA, "CANCEL")
        clinic.maintenance().tick()

    clinic.source.during = is_let_go_and_swept
    clinic.media().process(id)
    assert row(clinic, id)[0] == "discarded"
    assert not clinic.examiner.seen
    assert not list(clinic.store.keys(""))


def test_a_file_that_is_let_go_while_it_is_examined_leaves_nothing(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)
    clinic.examiner.during = lambda: clinic.hears(ANNA, "CANCEL")
    clinic.settle()
    assert row(clinic, id)[0] == "discarded"
    clinic.maintenance().tick()
    assert not list(clinic.store.keys(""))
    assert clinic.state(ANNA).filing.draft is None


def test_of_two_workers_one_takes_the_file(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)
    both = threading.Barrier(2)
    done: list[bool] = []

    def work() -> None:
        both.wait()
        done.append(clinic.media().process(id))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, True]
    assert clinic.source.fetched == ["7"]


def test_a_worker_that_lost_its_lease_takes_nothing_from_the_one_who_went_on(
    clinic: Clinic,
) -> None:
    id = clinic.gets_file(ANNA)
    slow = Shelf()

    def is_overtaken() -> None:
        clinic.due()
        assert clinic.media().process(id)

    slow.during = is_overtaken
    clinic.media(source=slow).process(id)
    clinic.settle()
    assert row(clinic, id)[:2] == ("checked", "clean")
    assert list(clinic.store.keys("")) == [f"incoming/{id}"]
    clinic.hears(ANNA, "2 May 2019", "Apollo Clinic", "Lab test", "YES")
    clinic.settle()
    assert row(clinic, id)[0] == "filed"


def test_a_worker_that_comes_late_takes_nothing_from_a_report_that_is_being_filed(
    clinic: Clinic,
) -> None:
    id = clinic.gets_file(ANNA)
    slow = Shelf()

    def is_overtaken() -> None:
        clinic.due()
        assert clinic.media().process(id)
        clinic.hears(ANNA)
        clinic.hears(ANNA, "2 May 2019", "Apollo Clinic", "Lab test", "YES")
        assert row(clinic, id)[0] == "filing"

    slow.during = is_overtaken
    clinic.media(source=slow).process(id)
    clinic.settle()
    assert row(clinic, id)[0] == "filed"
    clinic.maintenance().tick()
    assert [key.split("/")[0] for key in clinic.store.keys("")] == ["reports"]


def test_a_lease_is_held_while_work_goes_on(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)
    lease = timedelta(seconds=0.4)
    others: list[bool] = []

    def slow() -> None:
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            others.append(clinic.media(examiner=Judge(Verdict.INFECTED)).process(id))

    clinic.examiner.during = slow
    clinic.media(lease=lease).process(id)
    assert others
    assert not any(others)
    assert row(clinic, id)[:2] == ("checked", "clean")


def test_after_a_crash_the_file_is_free_again_once_the_lease_is_over(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)

    def dies() -> None:
        raise SystemExit

    clinic.examiner.during = dies
    with pytest.raises(SystemExit):
        clinic.media(lease=timedelta(seconds=0.3)).process(id)
    assert not clinic.media().process(id)
    clinic.examiner.during = lambda: None
    wait_until(lambda: clinic.media().process(id), seconds=2, what="the end of the lease")
    assert row(clinic, id)[:2] == ("checked", "clean")


def test_a_file_that_a_patient_sent_comes_from_whatsapp(
    online: Clinic, simulator: Simulator
) -> None:
    user = simulator.user()
    sent = f"/users/{user['id']}/messages"
    form = {"file": ("scan.pdf", PDF, "application/pdf"), "as_document": "true"}
    simulator.control("POST", sent, fields=form)
    online.receive(simulator.webhook.request().body)
    online.inbound.handle([online.subject(user["user_id"])])
    (id,) = online.tables.column("SELECT id FROM media")
    with CloudMedia(online.base.whatsapp) as source:
        online.media(source=source).process(MediaId(UUID(id)))
    assert online.examiner.seen == [PDF]
    assert row(online, UUID(id))[:2] == ("checked", "clean")


def test_a_file_that_whatsapp_has_forgotten_is_asked_for_again(
    online: Clinic, simulator: Simulator
) -> None:
    with CloudMedia(online.base.whatsapp) as source:
        id = online.gets_file(ANNA, handle="424242")
        online.media(source=source).process(id)
    assert row(online, id)[:2] == ("refused", "expired")
    online.settle()
    assert "no longer has that file" in online.said(ANNA)[-1]


def test_a_file_at_rest_can_not_be_read(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)
    clinic.settle()
    with clinic.store.get(f"incoming/{id}") as sealed:
        assert b"%PDF-" not in b"".join(sealed)


def test_a_second_file_waits_its_turn_and_is_judged_meanwhile(clinic: Clinic) -> None:
    first = clinic.gets_file(ANNA)
    second = clinic.gets_file(ANNA)
    clinic.settle()
    assert [row(clinic, id)[0] for id in (first, second)] == ["checked", "checked"]
    clinic.receive(webhooks.text(ANNA, "wamid.cancel", "CANCEL"))
    clinic.inbound.handle([clinic.subject(ANNA)])
    draft = clinic.state(ANNA).filing.draft
    assert draft is not None
    assert draft.media_id == second
