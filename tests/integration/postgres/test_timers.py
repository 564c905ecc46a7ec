"""Timers: each rings once, however many look; a state is saved without touching any index."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID

from sqlalchemy import text

from medvault.adapters.postgres.engine import PostgresUnitOfWork
from medvault.domain.conversation.state import Conversation, FilingState
from medvault.domain.conversation.timers import TimerName
from medvault.ports.timers import Timer
from support.vaults import Vault

PAST = datetime(2026, 11, 23, tzinfo=UTC)


def set_timers(vault: Vault, timers: Sequence[Timer]) -> None:
    with vault.database.begin() as work:
        work.conversations.claim([], vault.new_id)
        work.timers.set(timers)


def rung(vault: Vault, limit: int = 256) -> list[UUID]:
    with vault.database.begin() as work:
        return list(work.timers.ring(limit))


def test_a_timer_rings_once_however_many_look(vault: Vault, threads: ThreadPoolExecutor) -> None:
    patients = [vault.patient() for _ in range(30)]
    set_timers(vault, [Timer(one.patient_id, TimerName.SESSION, PAST) for one in patients])
    start = Barrier(4)

    def tick(_: int) -> list[UUID]:
        database = vault.worker(pool_size=1)
        start.wait()
        with database.begin() as work:
            return list(work.timers.ring(256))

    told = [subject for part in threads.map(tick, range(4)) for subject in part]
    assert sorted(told, key=str) == sorted((one.subject for one in patients), key=str)
    assert vault.one("SELECT count(*) FROM inbox WHERE kind = 'timed_out'") == 30
    assert vault.one("SELECT count(*) FROM timers") == 0


def test_one_that_is_set_again_rings_at_its_new_time_alone(vault: Vault) -> None:
    patient = vault.patient()
    for at in (PAST, datetime.now(UTC) + timedelta(minutes=30)):
        set_timers(vault, [Timer(patient.patient_id, TimerName.SESSION, at)])
    assert rung(vault) == []
    set_timers(vault, [Timer(patient.patient_id, TimerName.SESSION, PAST)])
    assert (rung(vault), rung(vault)) == ([patient.subject], [])


def test_the_oldest_ring_first(vault: Vault) -> None:
    patients = [vault.patient() for _ in range(3)]
    times = [PAST + timedelta(days=days) for days in (2, 0, 1)]
    set_timers(
        vault,
        [
            Timer(one.patient_id, TimerName.SESSION, at)
            for one, at in zip(patients, times, strict=True)
        ],
    )
    assert rung(vault, 2) == [patients[1].subject, patients[2].subject]
    assert rung(vault, 2) == [patients[0].subject]


def test_a_state_is_saved_without_a_write_to_any_index(vault: Vault) -> None:
    claimed = vault.patient()
    hot = "SELECT pg_stat_get_xact_tuples_hot_updated('conversations'::regclass)"
    with vault.owner.begin() as connection:
        work = PostgresUnitOfWork(connection, vault.sealer, vault.index)
        filing = FilingState(deadline=datetime.now(UTC))
        work.conversations.save([(claimed, Conversation(turn=1, filing=filing))])
        assert connection.execute(text(hot)).scalar_one() == 1


def test_a_timer_that_a_message_overtakes_finds_its_deadline_moved(vault: Vault) -> None:
    patient = vault.patient()
    set_timers(vault, [Timer(patient.patient_id, TimerName.SESSION, PAST)])
    assert rung(vault) == [patient.subject]
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([patient.subject], vault.new_id)
        [told] = claimed.pending
    told_of = json.loads(told.content)
    assert told_of == {"deadline": PAST.isoformat(), "timer": "session"}
