import pytest

from medvault.domain.line import (
    IN_A_ROW,
    LONGEST_PAUSE,
    PROOF_LASTS,
    WITHOUT_ANY,
    Line,
    LineState,
)
from medvault.domain.outbound import Accepted, Answer, Reaction, Refused

ACCEPTED = Accepted("wamid.1")
SILENCE = Refused(Reaction.UNKNOWN)
EXPIRED = Refused(Reaction.STOP_LINE, 190)
TAKEN = None
"""The fault that a knock finds where messages are taken: none."""

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


def stopped(now: float = 100.0) -> Line:
    line = Line()
    line.heard(EXPIRED, now)
    assert line.state is LineState.STOPPED
    return line


def test_a_new_line_is_open_and_nothing_is_known_of_it() -> None:
    line = Line()
    assert line.state is LineState.OPEN
    assert line.knock_in(0.0) is None
    assert not line.proven(0.0)


@pytest.mark.parametrize("reaction", [Reaction.STOP_LINE, Reaction.NUMBER_RATE])
def test_what_concerns_all_messages_stops_the_line_at_once(reaction: Reaction) -> None:
    line = Line()
    line.heard(Refused(reaction), 100.0)
    assert line.state is LineState.STOPPED
    assert line.knock_in(100.0) == 0.5
    assert line.knock_in(101.0) == 0.0


@pytest.mark.parametrize("reaction", FAILING)
def test_failures_in_a_row_stop_the_line(reaction: Reaction) -> None:
    line = Line()
    for number in range(IN_A_ROW):
        assert line.state is LineState.OPEN
        line.heard(Refused(reaction), float(number))
    assert line.state is LineState.STOPPED


@pytest.mark.parametrize("answer", WORKING)
def test_any_answer_that_is_about_its_message_says_that_the_line_works(answer: Answer) -> None:
    line = Line()
    for number in range(10):
        line.heard(SILENCE, float(number))
        line.heard(SILENCE, float(number))
        line.heard(answer, float(number))
    assert line.state is LineState.OPEN
    assert line.proven(9.0 + PROOF_LASTS)
    assert not line.proven(9.1 + PROOF_LASTS)


def test_as_long_as_some_calls_succeed_failures_stop_nothing() -> None:
    line = Line()
    for number in range(100):
        now = number * WITHOUT_ANY / 2
        line.heard(ACCEPTED, now)
        for _ in range(10 * IN_A_ROW):
            line.heard(SILENCE, now + WITHOUT_ANY / 4)
        assert line.state is LineState.OPEN
    line.heard(SILENCE, now + WITHOUT_ANY)
    assert line.state is LineState.STOPPED


def test_knocks_that_fail_come_ever_more_rarely() -> None:
    line, now, pauses = stopped(), 100.0, []
    for _ in range(6):
        pause = line.knock_in(now)
        assert pause is not None
        pauses.append(pause)
        now += pause
        line.knocked(SILENCE, now)
    assert pauses == [0.5, 1.0, 2.0, 4.0, LONGEST_PAUSE, LONGEST_PAUSE]


@pytest.mark.parametrize("answer", [ACCEPTED, SILENCE, EXPIRED])
def test_while_it_is_stopped_what_was_in_flight_changes_nothing(answer: Answer) -> None:
    line = stopped()
    line.heard(answer, 100.2)
    assert line.state is LineState.STOPPED
    assert line.knock_in(100.5) == 0.0
    assert not line.proven(100.2)


def test_after_a_knock_one_message_at_a_time_tries_the_line() -> None:
    line = stopped()
    line.knocked(TAKEN, 101.0)
    assert line.state is LineState.ON_TRIAL
    assert line.knock_in(101.0) is None
    assert line.proven(101.0)


def test_a_knock_that_is_one_too_many_says_nothing_against_messages() -> None:
    line = stopped()
    line.knocked(Refused(Reaction.NUMBER_RATE, 80007), 101.0)
    assert line.state is LineState.ON_TRIAL


def test_a_trial_that_succeeds_opens_the_line() -> None:
    line = stopped()
    line.knocked(TAKEN, 101.0)
    line.heard(ACCEPTED, 101.1)
    assert line.state is LineState.OPEN


@pytest.mark.parametrize("reaction", [*FAILING, Reaction.STOP_LINE])
def test_a_trial_that_fails_stops_the_line_for_longer(reaction: Reaction) -> None:
    line = stopped()
    line.knocked(TAKEN, 101.0)
    line.heard(Refused(reaction), 101.1)
    assert line.state is LineState.STOPPED
    assert line.knock_in(101.1) == 1.0


def test_once_it_works_the_pauses_begin_anew() -> None:
    line = stopped()
    line.knocked(SILENCE, 101.0)
    line.knocked(TAKEN, 103.0)
    line.heard(ACCEPTED, 103.1)
    line.heard(EXPIRED, 104.0)
    assert line.knock_in(104.0) == 0.5


def test_a_doubt_asks_for_one_knock_of_an_open_line() -> None:
    line = Line()
    line.doubt()
    assert line.knock_in(5.0) == 0.0
    line.knocked(TAKEN, 5.1)
    assert line.state is LineState.OPEN
    assert line.proven(5.1)
    assert line.knock_in(5.1) is None


def test_a_doubt_whose_knock_fails_stops_the_line() -> None:
    line = Line()
    line.doubt()
    line.knocked(SILENCE, 5.1)
    assert line.state is LineState.STOPPED
    assert not line.proven(5.1)
