"""When which vault is looked at next, by a clock that the tests turn."""

import pytest

from medvault_operator.runtime.schedule import Schedule, backoff
from medvault_operator.vault.name import VaultName

CLINIC = VaultName("clinics", "clinic")
PRACTICE = VaultName("clinics", "practice")


def test_a_vault_asked_for_many_times_comes_up_once() -> None:
    schedule = Schedule()
    for _ in range(5):
        schedule.ask(CLINIC, now=0)
    assert schedule.take(now=0) == CLINIC
    schedule.done(CLINIC)
    assert schedule.take(now=100) is None


def test_the_earliest_of_several_times_counts() -> None:
    schedule = Schedule()
    schedule.ask(CLINIC, now=0, after=20)
    schedule.ask(CLINIC, now=0, after=5)
    schedule.ask(CLINIC, now=0, after=60)
    assert schedule.next_due() == 5
    assert schedule.take(now=4.9) is None
    assert schedule.take(now=5) == CLINIC


def test_what_happens_during_a_look_causes_another_one() -> None:
    schedule = Schedule(spacing=0)
    schedule.ask(CLINIC, now=0)
    schedule.take(now=0)
    schedule.ask(CLINIC, now=1)
    assert schedule.take(now=1) is None
    schedule.done(CLINIC)
    assert schedule.take(now=1) == CLINIC


def test_two_looks_at_one_vault_keep_their_distance_and_others_do_not_wait() -> None:
    schedule = Schedule(spacing=1)
    schedule.ask(CLINIC, now=0)
    schedule.take(now=0)
    schedule.done(CLINIC)
    schedule.ask(CLINIC, now=0.1)
    schedule.ask(PRACTICE, now=0.1)
    assert schedule.take(now=0.1) == PRACTICE
    assert schedule.take(now=0.1) is None
    assert schedule.take(now=1) == CLINIC


def test_who_is_due_for_the_longest_time_comes_first() -> None:
    schedule = Schedule()
    schedule.ask(PRACTICE, now=0, after=2)
    schedule.ask(CLINIC, now=0, after=1)
    assert [schedule.take(now=3), schedule.take(now=3)] == [CLINIC, PRACTICE]


def test_failures_in_a_row_double_the_wait_up_to_a_minute() -> None:
    assert [backoff(failures) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff(10_000) == 60


def test_a_success_ends_a_row_of_failures() -> None:
    schedule = Schedule(spacing=0)
    waits = []
    for fails in (True, True, True, False, True):
        schedule.ask(CLINIC, now=1000)
        schedule.take(now=1000)
        if fails:
            waits.append(schedule.failed(CLINIC, now=1000))
        else:
            schedule.done(CLINIC)
    assert waits == [1, 2, 4, 1]


def test_a_failed_vault_comes_up_again_by_itself() -> None:
    schedule = Schedule()
    schedule.ask(CLINIC, now=0)
    schedule.take(now=0)
    schedule.failed(CLINIC, now=0)
    assert schedule.take(now=0.9) is None
    assert schedule.take(now=1) == CLINIC


def test_a_vault_that_is_gone_is_forgotten_with_its_failures() -> None:
    schedule = Schedule(spacing=0)
    for _ in range(3):
        schedule.ask(CLINIC, now=0)
        schedule.take(now=0)
        schedule.failed(CLINIC, now=0)
    schedule.take(now=10)
    schedule.gone(CLINIC)
    assert schedule.next_due() is None
    schedule.ask(CLINIC, now=20)
    schedule.take(now=20)
    assert schedule.failed(CLINIC, now=20) == 1


def test_a_vault_that_was_made_anew_while_its_end_was_noticed_is_not_missed() -> None:
    schedule = Schedule(spacing=0)
    schedule.ask(CLINIC, now=0)
    schedule.take(now=0)
    schedule.ask(CLINIC, now=1)
    schedule.gone(CLINIC)
    assert schedule.take(now=1) == CLINIC


@pytest.mark.parametrize(("now", "overdue"), [(0, 0), (1, 1), (2, 2)])
def test_who_waits_too_long_is_counted(now: float, overdue: int) -> None:
    schedule = Schedule()
    schedule.ask(CLINIC, now=0, after=1)
    schedule.ask(PRACTICE, now=0, after=2)
    assert schedule.overdue(now) == overdue


def test_the_slowest_look_is_known() -> None:
    schedule = Schedule()
    assert schedule.longest_busy(now=5) == 0
    schedule.ask(CLINIC, now=5)
    schedule.ask(PRACTICE, now=5)
    schedule.take(now=5)
    schedule.take(now=8)
    assert schedule.longest_busy(now=10) == 5
    schedule.done(CLINIC)
    assert schedule.longest_busy(now=10) == 2
