import pytest

from medvault.domain.breaker import (
    IN_A_ROW,
    LONGEST_PAUSE,
    PROOF_LASTS,
    WITHOUT_ANY,
    BreakerState,
    ChannelBreaker,
)
from medvault.domain.outbound import Accepted, Answer, Reaction, Refused

ACCEPTED = Accepted("wamid.1")
SILENCE = Refused(Reaction.UNKNOWN)
EXPIRED = Refused(Reaction.STOP_LINE, 190)
TAKEN = None
"""The fault that a probe finds where messages are taken: none."""

WORKING = [
    ACCEPTED,
    *(
        Refused(reaction)
        for reaction in (
            Reaction.PERMANENT,
            Reaction.PAIR_RATE,
            Reaction.WINDOW_CLOSED,
            Reaction.IDENTITY_CHANGED,
        )
    ),
]
FAILING = [Reaction.UNKNOWN, Reaction.UNREACHABLE, Reaction.RETRY]


def opened(now: float = 100.0) -> ChannelBreaker:
    breaker = ChannelBreaker()
    breaker.heard(EXPIRED, now)
    assert breaker.state is BreakerState.OPEN
    return breaker


def test_a_new_breaker_is_closed_and_nothing_is_known_of_its_channel() -> None:
    breaker = ChannelBreaker()
    assert breaker.state is BreakerState.CLOSED
    assert breaker.probe_in(0.0) is None
    assert not breaker.proven(0.0)


@pytest.mark.parametrize("reaction", [Reaction.STOP_LINE, Reaction.NUMBER_RATE])
def test_what_concerns_all_messages_opens_the_breaker_at_once(reaction: Reaction) -> None:
    breaker = ChannelBreaker()
    breaker.heard(Refused(reaction), 100.0)
    assert breaker.state is BreakerState.OPEN
    assert breaker.probe_in(100.0) == 0.5
    assert breaker.probe_in(101.0) == 0.0


@pytest.mark.parametrize("reaction", FAILING)
def test_failures_in_a_row_open_the_breaker(reaction: Reaction) -> None:
    breaker = ChannelBreaker()
    for number in range(IN_A_ROW):
        assert breaker.state is BreakerState.CLOSED
        breaker.heard(Refused(reaction), float(number))
    assert breaker.state is BreakerState.OPEN


@pytest.mark.parametrize("answer", WORKING)
def test_any_answer_that_is_about_its_message_says_that_the_channel_works(answer: Answer) -> None:
    breaker = ChannelBreaker()
    for number in range(10):
        breaker.heard(SILENCE, float(number))
        breaker.heard(SILENCE, float(number))
        breaker.heard(answer, float(number))
    assert breaker.state is BreakerState.CLOSED
    assert breaker.proven(9.0 + PROOF_LASTS)
    assert not breaker.proven(9.1 + PROOF_LASTS)


def test_as_long_as_some_calls_succeed_failures_stop_nothing() -> None:
    breaker = ChannelBreaker()
    for number in range(100):
        now = number * WITHOUT_ANY / 2
        breaker.heard(ACCEPTED, now)
        for _ in range(10 * IN_A_ROW):
            breaker.heard(SILENCE, now + WITHOUT_ANY / 4)
        assert breaker.state is BreakerState.CLOSED
    breaker.heard(SILENCE, now + WITHOUT_ANY)
    assert breaker.state is BreakerState.OPEN


def test_probes_that_fail_come_ever_more_rarely() -> None:
    breaker, now, pauses = opened(), 100.0, []
    for _ in range(6):
        pause = breaker.probe_in(now)
        assert pause is not None
        pauses.append(pause)
        now += pause
        breaker.probed(SILENCE, now)
    assert pauses == [0.5, 1.0, 2.0, 4.0, LONGEST_PAUSE, LONGEST_PAUSE]


@pytest.mark.parametrize("answer", [ACCEPTED, SILENCE, EXPIRED])
def test_while_it_is_stopped_what_was_in_flight_changes_nothing(answer: Answer) -> None:
    breaker = opened()
    breaker.heard(answer, 100.2)
    assert breaker.state is BreakerState.OPEN
    assert breaker.probe_in(100.5) == 0.0
    assert not breaker.proven(100.2)


def test_after_a_probe_one_message_at_a_time_tries_the_channel() -> None:
    breaker = opened()
    breaker.probed(TAKEN, 101.0)
    assert breaker.state is BreakerState.HALF_OPEN
    assert breaker.probe_in(101.0) is None
    assert breaker.proven(101.0)


def test_a_probe_that_is_one_too_many_says_nothing_against_messages() -> None:
    breaker = opened()
    breaker.probed(Refused(Reaction.NUMBER_RATE, 80007), 101.0)
    assert breaker.state is BreakerState.HALF_OPEN


def test_a_trial_that_succeeds_closes_the_breaker() -> None:
    breaker = opened()
    breaker.probed(TAKEN, 101.0)
    breaker.heard(ACCEPTED, 101.1)
    assert breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("reaction", [*FAILING, Reaction.STOP_LINE])
def test_a_trial_that_fails_opens_the_breaker_for_longer(reaction: Reaction) -> None:
    breaker = opened()
    breaker.probed(TAKEN, 101.0)
    breaker.heard(Refused(reaction), 101.1)
    assert breaker.state is BreakerState.OPEN
    assert breaker.probe_in(101.1) == 1.0


def test_once_it_works_the_pauses_begin_anew() -> None:
    breaker = opened()
    breaker.probed(SILENCE, 101.0)
    breaker.probed(TAKEN, 103.0)
    breaker.heard(ACCEPTED, 103.1)
    breaker.heard(EXPIRED, 104.0)
    assert breaker.probe_in(104.0) == 0.5


def test_a_doubt_asks_for_one_probe_of_a_closed_breaker() -> None:
    breaker = ChannelBreaker()
    breaker.doubt()
    assert breaker.probe_in(5.0) == 0.0
    breaker.probed(TAKEN, 5.1)
    assert breaker.state is BreakerState.CLOSED
    assert breaker.proven(5.1)
    assert breaker.probe_in(5.1) is None


def test_a_doubt_whose_probe_fails_opens_the_breaker() -> None:
    breaker = ChannelBreaker()
    breaker.doubt()
    breaker.probed(SILENCE, 5.1)
    assert breaker.state is BreakerState.OPEN
    assert not breaker.proven(5.1)
