from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.confirmation import (
    FEWEST,
    LATER,
    ONE_IN,
    RECENT,
    REPEATS_LAST,
    SAMPLES,
    WATCHED,
    Lateness,
    Told,
    Unheard,
    lateness,
    never_arrived,
    pauses,
    waits,
)

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EVERYTHING_HEARD = Unheard(0, NOW)

delays = st.floats(0.01, 90).map(lambda seconds: timedelta(seconds=seconds))
seconds_told = st.lists(
    st.builds(lambda ago, count, longest: (ago, Told(NOW - ago * SECOND, count, longest)),
              st.integers(0, 3600), st.integers(1, 80), delays),
    max_size=60, unique_by=lambda told: told[0],
).map(lambda found: [told for _, told in sorted(found, key=lambda one: one[0])])  # fmt: skip


def steady(per_second: int, longest: timedelta, seconds: int) -> list[Told]:
    """First statuses at one pace, in each second one that took the longest."""
    return [Told(NOW - ago * SECOND, per_second, longest) for ago in range(1, seconds + 1)]


def told_of(messages: list[tuple[float, float]], until: float) -> list[Told]:
    """All that is told of messages, each with the time of sending and the delay of its status."""
    found: dict[int, list[float]] = defaultdict(list)
    for sent, delay in messages:
        if sent + delay <= until:
            found[int(sent + delay)].append(delay)
    return [
        Told(NOW + second * SECOND, len(late), timedelta(seconds=max(late)))
        for second, late in sorted(found.items(), reverse=True)
    ]


@given(seconds_told, st.integers(0, 50), delays)
def test_none_is_lost_whose_status_may_still_come(
    told: list[Told], unheard: int, behind: timedelta
) -> None:
    usual = lateness(told)
    sent_before = never_arrived(told, Unheard(unheard, NOW - behind))
    if usual is None:
        assert sent_before is None
    if sent_before is None or usual is None:
        return
    recent = 0
    for second in told:
        if recent < RECENT:
            assert usual.bound >= second.longest + 3 * SECOND
        recent += second.count
    assert sent_before + usual.bound <= NOW - behind
    later = sum(s.count for s in told if s.at - s.longest >= sent_before)
    assert later >= LATER


@given(st.integers(1, 80), delays)
def test_what_has_no_status_in_time_is_lost_however_late_statuses_come(
    per_second: int, longest: timedelta
) -> None:
    told = steady(per_second, longest, 400)
    usual, sent_before = lateness(told), never_arrived(told, EVERYTHING_HEARD)
    assert usual is not None
    assert sent_before is not None
    slow = timedelta(seconds=LATER / per_second + 1)
    assert NOW - usual.bound - slow <= sent_before <= NOW - usual.bound


@given(st.floats(1, 60), st.floats(0.01, 2), st.integers(FEWEST, RECENT))
def test_in_a_quiet_vault_three_later_ones_tell(gap: float, late: float, known: int) -> None:
    told = [Told(NOW - ago * gap * SECOND, 1, late * SECOND) for ago in range(1, known + 1)]
    usual, sent_before = lateness(told), never_arrived(told, EVERYTHING_HEARD)
    assert usual == Lateness(late * SECOND, known)
    assert sent_before is not None
    waited = NOW - sent_before
    assert usual.bound <= waited <= max(usual.bound, (3 * gap + late + 0.001) * SECOND)


@pytest.mark.parametrize(
    ("per_second", "before", "late"),
    [(20, 60, 10), (20, 60, 60), (0.4, 300, 20), (0.4, 300, 60)],
)
def test_when_statuses_begin_to_come_late_nobody_is_taken_for_lost_who_arrived(
    per_second: float, before: int, late: int
) -> None:
    random = Random(7)
    messages = [
        (number / per_second, random.uniform(0, 2 if number < per_second * before else late))
        for number in range(int(per_second * (before + 2 * late)))
    ]
    in_doubt, decided = set(messages[::3]), 0
    for until in range(before - 10, before + 2 * late):
        told = told_of(messages, until)
        usual = lateness(told)
        if usual is None:
            continue
        missing = [one for one in messages if one[0] <= until < sum(one)]
        early = until - usual.late / SECOND
        unheard = [one for one in missing if early - WATCHED / SECOND < one[0] <= early]
        lost = never_arrived(told, Unheard(len(set(unheard) - in_doubt), NOW + until * SECOND))
        decided += lost is not None
        assert not [
            sent for sent, _ in in_doubt & set(missing) if lost and NOW + sent * SECOND <= lost
        ]
    assert decided > 10


@given(st.integers(SAMPLES, RECENT - 60), st.integers(1, 50))
def test_what_is_known_begins_anew_with_a_status_that_is_later_than_ever(
    before: int, since: int
) -> None:
    told = [Told(NOW - ago * SECOND, 1, SECOND) for ago in range(before + since)]
    told[since - 1] = replace(told[since - 1], longest=30 * SECOND)
    expected = Lateness(30 * SECOND, since) if since >= FEWEST else None
    assert lateness(told) == expected


def test_few_statuses_tell_nothing() -> None:
    assert lateness([]) is None
    assert lateness([Told(NOW, FEWEST - 1, SECOND)]) is None
    assert lateness([Told(NOW, FEWEST, SECOND)]) == Lateness(SECOND, FEWEST)


def test_the_fewer_are_known_the_larger_the_margin() -> None:
    bounds = [Lateness(SECOND, known).bound / SECOND for known in (FEWEST, 50, SAMPLES, RECENT)]
    assert bounds == [31, 7, 4, 4]
    assert Lateness(60 * SECOND, 50).bound == 80 * SECOND


def test_the_margin_is_a_sixth_and_three_seconds_at_the_least() -> None:
    assert Lateness(SECOND).bound == 4 * SECOND
    assert Lateness(60 * SECOND).bound == 70 * SECOND
    assert Lateness(60 * SECOND).late == 65 * SECOND


def test_a_slow_hour_is_forgotten_once_enough_came_fast_and_the_other_way_round() -> None:
    slow, fast = steady(50, 60 * SECOND, 100), steady(50, 2 * SECOND, RECENT // 50)
    assert lateness([*fast, *slow]) == Lateness(2 * SECOND, RECENT)
    assert lateness([*slow[:1], *fast]) == Lateness(60 * SECOND, 50)


def test_while_messages_that_were_taken_have_no_status_nobody_is_taken_for_lost() -> None:
    told = steady(10, SECOND, 100)
    some = 10 * int(WATCHED / SECOND) // ONE_IN - 1
    assert never_arrived(told, Unheard(some, NOW)) is not None
    assert never_arrived(told, Unheard(some + 2, NOW)) is None


def test_when_statuses_come_no_longer_nobody_sent_since_is_taken_for_lost() -> None:
    told = steady(10, SECOND, 100)
    later = never_arrived(told, Unheard(0, NOW + WATCHED / 2))
    assert later is not None
    assert later < NOW


def test_repeats_of_what_never_arrives_come_ever_more_rarely() -> None:
    found = pauses()
    assert list(found) == sorted(found)
    assert (found[0], found[1], found[-1]) == (SECOND, 1.5 * SECOND, timedelta(minutes=15))


def test_where_statuses_tell_nothing_few_repeats_are_made_in_a_day() -> None:
    found = waits(120 * SECOND, None)
    assert [wait / SECOND for wait in found[:4]] == [120, 240, 480, 960]
    made, passed = 0, timedelta()
    while passed < REPEATS_LAST:
        passed += found[min(made, len(found) - 1)]
        made += 1
    assert made == 10


def test_where_statuses_come_late_they_are_waited_for_longer() -> None:
    assert waits(120 * SECOND, Lateness(5 * SECOND))[0] == 120 * SECOND
    assert waits(120 * SECOND, Lateness(300 * SECOND))[0] == 350 * SECOND
    assert waits(120 * SECOND, Lateness(300 * SECOND, SAMPLES - 1))[0] == 120 * SECOND
