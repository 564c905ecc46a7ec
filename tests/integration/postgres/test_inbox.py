"""The inbox: every update once, marked with what became of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4

from medvault.domain.dead_letters import DeadUpdate, Failure, Reason
from medvault.domain.identifiers import LaneId
from medvault.domain.place import Place
from medvault.domain.updates import STATUSES, UpdateKind
from support.vaults import Vault

PAST = datetime(2026, 1, 1, tzinfo=UTC)


def test_an_update_that_comes_again_is_ignored(vault: Vault) -> None:
    subject, key = LaneId(uuid4()), uuid4()
    vault.receive(vault.message(subject, "first", key), vault.message(subject, "again", key))
    vault.receive(vault.message(subject, "later", key), vault.message(subject, "new"))
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([subject], vault.new_id)
        assert [update.content for update in claimed.pending] == [b"first", b"new"]
        work.inbox.finish([update.seq for update in claimed.pending], "handled")
    vault.receive(vault.message(subject, "much later", key))
    assert vault.one("SELECT count(*) FROM inbox WHERE done_at IS NULL") == 0


def test_updates_that_come_to_many_processes_at_once_are_kept_once(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    subject, keys, start = LaneId(uuid4()), [uuid4() for _ in range(50)], Barrier(6)

    def receive(_: int) -> None:
        database = vault.worker(pool_size=1)
        updates = [vault.message(subject, key=key) for key in keys]
        start.wait()
        with database.begin() as work:
            work.inbox.add(updates)

    assert list(threads.map(receive, range(6))) == [None] * 6
    assert vault.one("SELECT count(*) FROM inbox") == 50


def test_nothing_is_added_of_nothing(vault: Vault) -> None:
    with vault.database.begin() as work:
        work.inbox.add([])
        work.inbox.finish([], "handled")
        work.dead_letters.bury_updates([])
        work.inbox.retry_later([])
        work.inbox.keep_statuses([])
        assert work.inbox.waiting([]) == []
        assert work.inbox.claim_statuses(10) == []
        assert work.inbox.overdue(timedelta(0), 10) == []
        assert work.inbox.lag_seconds() == 0.0


def test_what_is_finished_loses_its_content_and_what_is_set_aside_keeps_it(vault: Vault) -> None:
    poisonous = vault.message(LaneId(uuid4()), "poison")
    vault.receive(vault.message(LaneId(uuid4()), "fine"), poisonous)
    fine, poison = (seq for (seq,) in vault.sql("SELECT seq FROM inbox ORDER BY seq"))
    with vault.database.begin() as work:
        work.inbox.finish([fine], "handled")
        work.dead_letters.bury_updates([DeadUpdate(poison, 5, Failure(Reason.RAISED))])
    rows = vault.sql("SELECT outcome, done_at IS NOT NULL, content FROM inbox ORDER BY seq")
    assert rows[0] == ("handled", True, None)
    assert rows[1][:2] == ("dead", True)
    place = Place.update(poisonous.key, poisonous.subject)
    assert vault.sealer.open(bytes(rows[1][2]), place) == b"poison"


def test_a_conversation_is_told_the_same_thing_once(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    patient, start = vault.patient(), Barrier(4)

    def report(_: int) -> UUID:
        with vault.worker(pool_size=1).begin() as work:
            start.wait()
            return work.inbox.tell(patient.patient_id, UpdateKind.CHECKED, {"verdict": "clean"})

    assert set(threads.map(report, range(4))) == {patient.subject}
    with vault.database.begin() as work:
        work.inbox.tell(patient.patient_id, UpdateKind.CHECKED, {"verdict": "infected"})
        [claimed] = work.conversations.claim([patient.subject], vault.new_id)
        work.inbox.finish([update.seq for update in claimed.pending], "handled")
    with vault.database.begin() as work:
        work.inbox.tell(patient.patient_id, UpdateKind.CHECKED, {"verdict": "clean"})
    assert [update.content for update in claimed.pending] == [
        b'{"verdict":"clean"}',
        b'{"verdict":"infected"}',
    ]
    assert vault.one("SELECT count(*) FROM inbox WHERE kind = 'checked'") == 2


def test_stuck_conversations_are_all_found_each_once(vault: Vault) -> None:
    subjects = {LaneId(uuid4()) for _ in range(3)}
    vault.receive(*(vault.message(subject) for subject in [*subjects, *subjects]))
    with vault.database.begin() as work:
        assert work.inbox.overdue(timedelta(seconds=2), 10) == []
        assert work.inbox.lag_seconds() < 2
    vault.later("inbox", 3)
    with vault.database.begin() as work:
        found = work.inbox.overdue(timedelta(seconds=2), 10)
        assert (len(found), set(found)) == (3, subjects)
        assert len(subjects.intersection(work.inbox.overdue(timedelta(seconds=2), 2))) == 2
        assert 3 <= work.inbox.lag_seconds() < 60


def test_the_lane_of_statuses_is_stuck_too_but_not_late(vault: Vault) -> None:
    vault.receive(vault.message(STATUSES))
    vault.later("inbox", 3)
    with vault.database.begin() as work:
        assert work.inbox.overdue(timedelta(seconds=2), 10) == [STATUSES]
        assert work.inbox.lag_seconds() == 0.0


def test_each_status_goes_to_one_worker(vault: Vault) -> None:
    vault.receive(*(vault.message(STATUSES, str(number)) for number in range(5)))
    vault.receive(vault.message(LaneId(uuid4()), "no status"))
    with vault.database.begin() as first, vault.worker().begin() as second:
        assert [one.content for one in first.inbox.claim_statuses(3)] == [b"0", b"1", b"2"]
        assert [one.content for one in second.inbox.claim_statuses(3)] == [b"3", b"4"]


def test_a_status_without_its_message_is_kept_for_an_hour(vault: Vault) -> None:
    vault.receive(vault.message(STATUSES))
    with vault.database.begin() as work:
        [status] = work.inbox.claim_statuses(10)
        work.inbox.keep_statuses([status.seq])
    with vault.database.begin() as work:
        assert work.inbox.claim_statuses(10) == []
    vault.later("inbox", 301)
    with vault.database.begin() as work:
        [status] = work.inbox.claim_statuses(10)
        work.inbox.keep_statuses([status.seq])
    vault.later("inbox", 3600)
    with vault.database.begin() as work:
        [status] = work.inbox.claim_statuses(10)
        work.inbox.keep_statuses([status.seq])
    assert tuple(*vault.sql("SELECT outcome, done_at IS NOT NULL FROM inbox")) == (
        "unmatched",
        True,
    )
    vault.later("inbox", 3600)
    with vault.database.begin() as work:
        assert work.inbox.claim_statuses(10) == []
