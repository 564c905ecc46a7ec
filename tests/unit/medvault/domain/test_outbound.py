from collections.abc import Iterable
from datetime import timedelta

import pytest

from medvault.domain.confirmation import REPEATS_LAST
from medvault.domain.outbound import (
    LINE_WAIT,
    MAX_ATTEMPTS,
    STATUS_STATES,
    Accepted,
    NextStep,
    Reaction,
    Refused,
    Resolution,
    SendState,
    decide,
    resolve,
)

SECOND = timedelta(seconds=1)
ATTEMPTS = range(1, MAX_ATTEMPTS + 2)


def waits_of(steps: Iterable[NextStep]) -> list[timedelta]:
    """The waits of steps, none of which runs as long as its lease."""
    waits = [step.due_in for step in steps]
    assert None not in waits
    return [wait for wait in waits if wait is not None]


@pytest.mark.parametrize("attempts", ATTEMPTS)
def test_what_was_accepted_is_accepted_at_any_attempt(attempts: int) -> None:
    assert decide(Accepted("wamid.1"), attempts) == NextStep(SendState.ACCEPTED)


@pytest.mark.parametrize("attempts", ATTEMPTS)
@pytest.mark.parametrize(
    ("reaction", "step"),
    [
        (Reaction.STOP_LINE, NextStep(SendState.QUEUED, LINE_WAIT, counts=False)),
        (Reaction.NUMBER_RATE, NextStep(SendState.QUEUED, LINE_WAIT, counts=False)),
        (Reaction.UNREACHABLE, NextStep(SendState.QUEUED, LINE_WAIT, counts=False)),
        (Reaction.UNKNOWN, NextStep(SendState.UNCONFIRMED, None)),
        (Reaction.WINDOW_CLOSED, NextStep(SendState.PARKED)),
        (Reaction.PERMANENT, NextStep(SendState.FAILED)),
    ],
)
def test_most_refusals_mean_the_same_at_any_attempt(
    reaction: Reaction, step: NextStep, attempts: int
) -> None:
    assert decide(Refused(reaction), attempts) == step


def test_a_passing_trouble_is_waited_out_ever_longer_up_to_a_quarter_of_an_hour() -> None:
    steps = [decide(Refused(Reaction.RETRY, 131000), n) for n in range(1, MAX_ATTEMPTS)]
    waits = waits_of(steps)
    assert {(step.state, step.counts) for step in steps} == {(SendState.QUEUED, True)}
    assert waits[:4] == [2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=15)


def test_an_outage_of_half_an_hour_loses_no_message() -> None:
    waits = waits_of(decide(Refused(Reaction.RETRY), n) for n in range(1, MAX_ATTEMPTS))
    assert timedelta(minutes=30) < sum(waits, timedelta()) < timedelta(hours=2)


@pytest.mark.parametrize("attempts", [MAX_ATTEMPTS, MAX_ATTEMPTS + 1])
def test_in_the_end_a_trouble_that_does_not_pass_fails(attempts: int) -> None:
    assert decide(Refused(Reaction.RETRY), attempts) == NextStep(SendState.FAILED)


@pytest.mark.parametrize("found", [SendState.SENDING, SendState.UNCONFIRMED])
@pytest.mark.parametrize("doubted_for", [SECOND, 2 * REPEATS_LAST])
@pytest.mark.parametrize("attempts", [2, MAX_ATTEMPTS + 1])
def test_nothing_is_decided_before_the_channel_is_known_to_answer(
    found: SendState, attempts: int, doubted_for: timedelta
) -> None:
    assert resolve(found, attempts, doubted_for, proven=False) is Resolution.HOLD


@pytest.mark.parametrize("attempts", [2, MAX_ATTEMPTS, 10 * MAX_ATTEMPTS])
def test_what_no_status_confirmed_is_repeated_for_a_day_and_then_given_up(attempts: int) -> None:
    decisions = [
        resolve(SendState.UNCONFIRMED, attempts, REPEATS_LAST + change, proven=True)
        for change in (-REPEATS_LAST, -SECOND, timedelta())
    ]
    assert decisions == [Resolution.REPEAT, Resolution.REPEAT, Resolution.GIVE_UP]


def test_what_lost_its_worker_is_sent_as_long_as_there_are_attempts() -> None:
    decisions = [
        resolve(SendState.SENDING, attempts, SECOND, proven=True)
        for attempts in range(2, MAX_ATTEMPTS + 2)
    ]
    assert decisions == [Resolution.REPEAT] * (MAX_ATTEMPTS - 1) + [Resolution.GIVE_UP]


def test_the_pair_rate_waits_four_times_longer_each_time_and_never_fails() -> None:
    steps = [decide(Refused(Reaction.PAIR_RATE, 131056), n) for n in ATTEMPTS]
    assert {step.state for step in steps} == {SendState.QUEUED}
    assert [wait / SECOND for wait in waits_of(steps)][:6] == [4, 16, 64, 256, 1024, 1024]
    assert [step.counts for step in steps] == [n < MAX_ATTEMPTS for n in ATTEMPTS]


def test_the_ladder_goes_from_the_queue_to_the_patient() -> None:
    ladder = [
        SendState.PREPARING, SendState.PARKED, SendState.QUEUED, SendState.SENDING,
        SendState.UNCONFIRMED,
        SendState.ACCEPTED, SendState.SENT, SendState.FAILED, SendState.DELIVERED, SendState.READ,
    ]  # fmt: skip
    assert ladder == sorted(SendState)


def test_statuses_in_any_order_end_on_the_highest_rung() -> None:
    for names, end in [
        (("read", "delivered", "sent"), SendState.READ),
        (("failed", "sent"), SendState.FAILED),
        (("failed", "delivered"), SendState.DELIVERED),
        (("delivered", "failed"), SendState.DELIVERED),
        (("played", "sent"), SendState.READ),
    ]:
        assert max(STATUS_STATES[name] for name in names) is end
