"""The schedule of faults follows from its seed, and spares nobody."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.nemesis import FREEZE, RESTART, How, schedule

KINDS = {
    "api": ["api-1", "api-2"],
    "media": ["media-1", "media-2", "media-3"],
    "postgres": ["postgres"],
    "valkey": ["valkey"],
}


def test_a_seed_repeats_its_schedule_and_another_makes_another() -> None:
    first = schedule(7, KINDS, 40, 10, 300)
    assert first == schedule(7, dict(reversed(KINDS.items())), 40, 10, 300)
    assert first != schedule(8, KINDS, 40, 10, 300)


@given(seed=st.integers(), kills=st.integers(0, 60), freezes=st.integers(0, 30))
def test_there_are_as_many_faults_as_asked_for_all_within_the_storm(
    seed: int, kills: int, freezes: int
) -> None:
    strikes = schedule(seed, KINDS, kills, freezes, 200)
    assert Counter(strike.how for strike in strikes) == Counter(
        {How.KILL: kills, How.FREEZE: freezes}
    )
    assert all(0 <= strike.at <= 200 + FREEZE[1] for strike in strikes)
    assert [strike.at for strike in strikes] == sorted(strike.at for strike in strikes)
    for strike in strikes:
        shortest, longest = RESTART if strike.how is How.KILL else FREEZE
        assert shortest <= strike.seconds <= longest


@given(seed=st.integers())
def test_every_kind_is_killed_as_often_as_any_other(seed: int) -> None:
    kinds = {name: kind for kind, names in KINDS.items() for name in names}
    strikes = schedule(seed, KINDS, 42, 0, 200)
    counted = Counter(kinds[strike.component] for strike in strikes)
    assert set(counted) == set(KINDS)
    assert max(counted.values()) - min(counted.values()) <= 1


def test_every_process_of_a_kind_is_hit() -> None:
    struck = {strike.component for strike in schedule(1, KINDS, 100, 0, 900)}
    assert struck == {name for names in KINDS.values() for name in names}


@pytest.mark.parametrize("seed", range(5))
def test_some_faults_come_together_and_most_come_alone(seed: int) -> None:
    moments = Counter(strike.at for strike in schedule(seed, KINDS, 100, 0, 900))
    together = sum(count > 1 for count in moments.values())
    assert 0 < together < len(moments) / 2
