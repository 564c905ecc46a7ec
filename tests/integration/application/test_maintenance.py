"""The work and the leftovers that every worker's tick finds, moves on and clears away."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest

from medvault.application.maintenance import Maintenance
from medvault.bootstrap.maintenance import make_maintenance
from medvault.bootstrap.media import make_cabinet
from medvault.domain.conversation.state import SESSION_LIFETIME
from medvault.domain.errors import Unavailable
from medvault.domain.updates import STATUSES
from medvault.ports import Queue
from medvault.ports.transactions import Transaction
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.clinic.deaths import Failing
from support.clinic.webhooks import status, statuses

ANNA, BEN = "IN.anna", "IN.ben"
TIMED_OUT = "I waited 30 minutes"


def questioned(clinic: Clinic, user_id: str = ANNA) -> UUID:
    """A patient with a question open; returns the file's media id."""
    id = clinic.gets_file(user_id)
    clinic.settle()
    return id


def grows_old(clinic: Clinic) -> None:
    clinic.tables.rows("UPDATE inbox SET received_at = received_at - interval '3 seconds'")
    clinic.tables.rows("UPDATE inbox SET due_at = due_at - interval '3 seconds'")


def count(clinic: Clinic, words: str, user_id: str = ANNA) -> int:
    return sum(words in text for text in clinic.said(user_id))


def ticking_twice_at_once(clinic: Clinic) -> None:
    both = threading.Barrier(2)

    def tick(maintenance: Maintenance) -> None:
        both.wait()
        maintenance.tick()

    threads = [threading.Thread(target=tick, args=[clinic.maintenance()]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_question_that_is_not_answered_in_time_is_closed_once(clinic: Clinic) -> None:
    id = questioned(clinic)
    clinic.maintenance().tick()
    assert count(clinic, TIMED_OUT) == 0
    clinic.let_time_pass(ANNA, SESSION_LIFETIME)
    for _ in range(3):
        ticking_twice_at_once(clinic)
    assert count(clinic, TIMED_OUT) == 1
    assert clinic.audit(ANNA).count("session.ended") == 1
    assert clinic.state(ANNA).filing.draft is None
    assert clinic.tables.one("SELECT state FROM media WHERE id = %s", id) == "discarded"
    assert not list(clinic.store.keys(""))


def test_many_questions_end_together_each_once(clinic: Clinic) -> None:
    users = [f"IN.user{n}" for n in range(12)]
    for user in users:
        questioned(clinic, user)
        clinic.let_time_pass(user, SESSION_LIFETIME)
    ticking_twice_at_once(clinic)
    grows_old(clinic)
    clinic.maintenance().tick()
    assert [count(clinic, TIMED_OUT, user) for user in users] == [1] * len(users)


def test_an_answer_that_came_first_keeps_the_question_open(clinic: Clinic) -> None:
    questioned(clinic)
    clinic.let_time_pass(ANNA, SESSION_LIFETIME)
    clinic.receive(webhooks.text(ANNA, clinic.wamid(), "2 May 2019"))
    clinic.maintenance().tick()
    assert count(clinic, TIMED_OUT) == 0
    assert "hospital" in clinic.said(ANNA)[-1]
    assert not clinic.pending()


def test_an_answer_that_came_too_late_finds_the_question_closed(clinic: Clinic) -> None:
    questioned(clinic)
    clinic.let_time_pass(ANNA, SESSION_LIFETIME)
    with clinic.database.begin(Transaction.RING_TIMERS) as work:
        work.timers.ring(9)
    clinic.hears(ANNA, "2 May 2019")
    assert count(clinic, TIMED_OUT) == 1
    assert "hospital" not in clinic.said(ANNA)[-1]


def test_a_message_whose_wake_up_was_lost_is_found_after_two_seconds(clinic: Clinic) -> None:
    clinic.receive(webhooks.text(ANNA, clinic.wamid(), "hello"))
    clinic.maintenance().tick()
    assert clinic.pending()
    grows_old(clinic)
    clinic.maintenance().tick()
    assert not clinic.pending()


def test_a_worker_without_conversations_wakes_those_that_have_them(clinic: Clinic) -> None:
    clinic.receive(webhooks.text(ANNA, clinic.wamid(), "hello"), statuses(status("read", None)))
    grows_old(clinic)
    make_maintenance(clinic.base, clinic.waker).tick()
    assert set(clinic.waker.take(Queue.INBOUND)) == {clinic.subject(ANNA), STATUSES}
    assert clinic.pending()


def test_files_and_uploads_whose_wake_up_was_lost_are_woken_again(clinic: Clinic) -> None:
    clinic.files_report(BEN)
    clinic.hears(BEN, "LIST", "GET 1")
    (letter,) = clinic.tables.column("SELECT id FROM outbox WHERE report_id IS NOT NULL")
    media_id = clinic.gets_file(ANNA)
    clinic.waker.forget()
    clinic.maintenance().tick()
    assert clinic.waker.take(Queue.MEDIA) == []
    clinic.due()
    clinic.maintenance().tick()
    assert set(clinic.waker.take(Queue.MEDIA)) == {media_id, UUID(letter)}


def test_who_is_busy_with_files_wakes_nobody_for_more_of_them(clinic: Clinic) -> None:
    media_id = clinic.gets_file(ANNA)
    clinic.waker.forget()
    clinic.due()
    cabinet = make_cabinet(clinic.base, clinic.store, clinic.waker)
    busy = True
    maintenance = make_maintenance(
        clinic.base, clinic.waker, cabinet=cabinet, idle=lambda: not busy
    )
    maintenance.tick()
    assert clinic.waker.take(Queue.MEDIA) == []
    busy = False
    maintenance.tick()
    assert clinic.waker.take(Queue.MEDIA) == [media_id]


def test_what_is_judged_waits_for_the_patient_and_is_not_woken(clinic: Clinic) -> None:
    questioned(clinic)
    clinic.due()
    clinic.maintenance().tick()
    assert clinic.waker.take(Queue.MEDIA) == []
    assert len(list(clinic.store.keys("incoming/"))) == 1


def test_what_nobody_wants_any_more_is_removed_and_looked_at_once(clinic: Clinic) -> None:
    for user in (ANNA, BEN):
        questioned(clinic, user)
    clinic.hears(ANNA, "CANCEL")
    clinic.maintenance().tick()
    assert len(list(clinic.store.keys(""))) == 1
    with clinic.database.begin(Transaction.FIND_FILES) as work:
        assert work.media.leftovers(9) == []


def test_while_the_store_is_away_conversations_and_audit_go_on(clinic: Clinic) -> None:
    questioned(clinic)
    clinic.hears(ANNA, "CANCEL")
    clinic.receive(webhooks.text(BEN, clinic.wamid(), "hello"))
    grows_old(clinic)
    away = Failing(clinic.store, "delete", Unavailable("storage"))
    cabinet = make_cabinet(clinic.base, away, clinic.waker)
    maintenance = make_maintenance(
        clinic.base, clinic.waker, inbound=clinic.inbound, cabinet=cabinet
    )
    with pytest.raises(Unavailable):
        maintenance.tick()
    assert not clinic.pending()
    assert clinic.tables.one("SELECT count(*) FROM audit_unlinked") == 0
    maintenance.tick()
    assert not list(clinic.store.keys(""))


def test_a_deadline_that_moved_on_ends_nothing(clinic: Clinic) -> None:
    questioned(clinic)
    clinic.let_time_pass(ANNA, SESSION_LIFETIME)
    with clinic.database.begin(Transaction.RING_TIMERS) as work:
        work.timers.ring(9)
    clinic.let_time_pass(ANNA, -timedelta(minutes=31))
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert count(clinic, TIMED_OUT) == 0
    assert clinic.state(ANNA).filing.draft is not None
