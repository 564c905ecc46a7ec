"""Quotas put work off; they lose none, and nobody waits for ever."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.quotas import (
    QUIET,
    TOLD,
    Bucket,
    Held,
    Pace,
    Quotas,
    counted,
    file_waits,
    held_back,
    is_heavy,
    message_waits,
)

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
QUOTAS = Quotas()
AMOUNTS = st.floats(0, 1000)
GAPS = st.floats(0, 7200)


@given(st.floats(1, 10_000), st.lists(st.tuples(AMOUNTS, GAPS), max_size=30))
def test_in_any_stretch_no_more_passes_than_the_quota_and_what_runs_out(
    most: float, wanted: list[tuple[float, float]]
) -> None:
    bucket = Bucket(most, timedelta(hours=1))
    now, until, passed = NOW, NOW, 0.0
    for amount, gap in wanted:
        now += gap * SECOND
        if bucket.free_at(until) <= now:
            until = bucket.filled(until, now, amount)
            passed += amount
    granted = most * (1 + (now - NOW) / bucket.period)
    largest = max((amount for amount, _ in wanted), default=0)
    assert passed <= granted + largest + 1


@given(st.floats(1, 10_000), st.lists(AMOUNTS, max_size=30))
def test_whoever_waits_until_the_time_that_was_said_may_go_on(
    most: float, amounts: list[float]
) -> None:
    bucket, now, until = Bucket(most, timedelta(days=1)), NOW, NOW
    for amount in amounts:
        now = max(now, bucket.free_at(until))
        until = bucket.filled(until, now, amount)
    assert bucket.free_at(until) - now <= bucket.lasts(max(amounts, default=0)) + SECOND


@given(st.lists(AMOUNTS))
def test_without_a_limit_nothing_waits(amounts: list[float]) -> None:
    bucket, until = Bucket(0, timedelta(days=1)), NOW
    for amount in amounts:
        until = bucket.filled(until, NOW, amount)
    assert bucket.free_at(until) < NOW


def test_a_patient_with_three_hundred_old_reports_in_an_evening_waits_for_no_quota() -> None:
    pace, now = None, NOW
    files = {Held.FILES: NOW, Held.BYTES: NOW, Held.CPU: NOW}
    buckets = {Held.FILES: QUOTAS.files, Held.BYTES: QUOTAS.bytes, Held.CPU: QUOTAS.cpu}
    used = {Held.FILES: 1, Held.BYTES: 4_000_000, Held.CPU: 1.0}
    place = 0
    for number in range(300):
        if number % 30 == 0:
            now += timedelta(minutes=18)  # thirty at once, then an answer each six seconds
        assert file_waits(files, QUOTAS, now) is None
        files = {what: buckets[what].filled(files[what], now, used[what]) for what in files}
        for _ in range(6):
            place += 1
            assert message_waits(pace, QUOTAS, now) is None
            if place % TOLD == 0:
                pace = counted(pace, QUOTAS, now, TOLD, replies=0)
        now += 6 * SECOND


def test_a_flood_is_put_off_and_let_through_at_the_rate_that_is_granted() -> None:
    pace, now, handled = None, NOW, 0
    while now < NOW + timedelta(minutes=10):
        if wait := message_waits(pace, QUOTAS, now):
            assert wait.reason is Held.MESSAGES
            assert wait.until > now
            now = wait.until
        handled += 1
        if handled % TOLD == 0:
            pace = counted(pace, QUOTAS, now, TOLD, replies=0)
    assert 11 * 120 - 2 * TOLD <= handled <= 11 * 120 + 2 * TOLD


def test_too_many_open_replies_put_messages_off_for_a_while() -> None:
    crowded = Pace(NOW, replies=QUOTAS.open_replies)
    wait = message_waits(crowded, QUOTAS, NOW)
    assert wait is not None
    assert (wait.reason, NOW < wait.until < NOW + timedelta(minutes=1)) == (Held.REPLIES, True)
    assert message_waits(Pace(NOW, QUOTAS.open_replies - 1), QUOTAS, NOW) is None


def test_a_patient_is_told_once_in_an_episode() -> None:
    pace, now, told = Pace(NOW), NOW, []
    for gap in (0, 600, 600, 3000, 3600, QUIET.total_seconds() + 1, 10):
        now += gap * SECOND
        pace, tell = held_back(pace, now)
        told.append(tell)
    assert told == [True, False, False, False, False, True, False]


def test_of_several_buckets_the_one_that_is_full_for_longest_is_named() -> None:
    until = {
        Held.FILES: NOW + timedelta(days=1, hours=2),
        Held.BYTES: NOW + timedelta(hours=20),
        Held.CPU: NOW + timedelta(hours=2),
    }
    wait = file_waits(until, QUOTAS, NOW)
    assert wait is not None
    assert (wait.reason, wait.until) == (Held.FILES, NOW + timedelta(hours=2))


def test_whoever_took_much_cpu_is_heavy_until_it_has_run_out() -> None:
    until = QUOTAS.cpu.filled(None, NOW, 20)
    assert is_heavy(until, QUOTAS, NOW)
    assert not is_heavy(until, QUOTAS, NOW + 31 * SECOND)
    assert not is_heavy(QUOTAS.cpu.filled(None, NOW, 9), QUOTAS, NOW)
    unlimited = Quotas(cpu=Bucket(0, timedelta(hours=1)))
    assert not is_heavy(NOW + timedelta(hours=5), unlimited, NOW)
