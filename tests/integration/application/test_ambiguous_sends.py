"""Sends of which nobody knows whether they arrived: none is doubled that a status tells of."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from medvault.domain.outbound import SendState, Typing
from medvault.domain.updates import STATUSES
from medvault.observability.metrics import REGISTRY
from support.clinic.clinic import Clinic
from support.clinic.letters import Letters
from support.clinic.sending import Sending, sending
from support.servers.waiting import wait_until
from support.simulated import Simulator

Fault = dict[str, dict[str, object]]

AMBIGUOUS: tuple[Fault, ...] = (
    {"drop_answer": {"times": 1}},
    {"drop_answer": {"times": 1, "how": "hang"}},
    {"error": {"code": 131000, "effect": True}},
)
"""The message was taken, and its sender never hears so."""
HANGS = 1.0
"""Seconds after which an answer is waited for no longer; as deployed it is five."""


def misbehaves(simulator: Simulator, fault: Fault) -> None:
    simulator.control("POST", "/faults", fault)


@contextmanager
def counted(**expected: int) -> Iterator[None]:
    """Expects these decisions within the block, and no others."""

    def values() -> dict[str, float]:
        return {
            outcome: REGISTRY.get_sample_value(
                "medvault_ambiguous_sends_total", {"outcome": outcome}
            )
            or 0.0
            for outcome in ("confirmed", "repeated", "given_up")
        }

    before = values()
    yield
    change = {outcome: value - before[outcome] for outcome, value in values().items()}
    assert change == {"confirmed": 0, "repeated": 0, "given_up": 0, **expected}


def sent_again(simulator: Simulator, sends: int) -> None:
    wait_until(lambda: len(simulator.sends()) == sends, seconds=8, what="a repeat")


def wait_is_over(online: Clinic, running: Sending) -> None:
    online.due()
    running.wake()


@pytest.mark.parametrize("fault", AMBIGUOUS)
def test_what_a_status_tells_of_is_not_sent_again(
    online: Clinic, simulator: Simulator, letters: Letters, fault: Fault
) -> None:
    misbehaves(simulator, fault)
    (letter,) = letters.write(letters.person(), "hello")
    with counted(confirmed=1), sending(online, timeout=HANGS) as running:
        assert letters.settled(letter) is SendState.UNCONFIRMED
        online.receive(*simulator.posted())
        online.inbound.handle([STATUSES])
        assert letters.state(letter) >= SendState.SENT
        (marker,) = letters.write(letters.person(), "goodbye")
        wait_is_over(online, running)
        letters.until(marker, SendState.ACCEPTED)
    assert len(simulator.sends()) == 2


@pytest.mark.parametrize("fault", AMBIGUOUS)
def test_without_a_status_it_is_repeated_ever_more_rarely_and_given_up_after_a_day(
    online: Clinic, simulator: Simulator, letters: Letters, fault: Fault
) -> None:
    misbehaves(simulator, fault)
    (letter,) = letters.write(letters.person(), "hello")
    with counted(repeated=2, given_up=1), sending(online, timeout=HANGS) as running:
        assert letters.settled(letter) is SendState.UNCONFIRMED
        misbehaves(simulator, {kind: how | {"times": 3} for kind, how in fault.items()})
        for sends, wait in ((2, 240), (3, 480)):
            wait_is_over(online, running)
            sent_again(simulator, sends)
            letters.until(letter, SendState.UNCONFIRMED)
            assert wait - 15 < letters.wait(letter) <= wait
        a_day_ago = "UPDATE outbox SET doubted_at = now() - interval '24 hours' WHERE id = %s"
        online.tables.rows(a_day_ago, letter)
        wait_is_over(online, running)
        letters.until(letter, SendState.FAILED)
    assert len(simulator.sends()) == 3
    assert online.tables.column("SELECT reason FROM dead_letters") == ["unconfirmed"]


def test_what_other_messages_statuses_show_to_be_lost_is_repeated_within_seconds(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    misbehaves(simulator, {"error": {"code": 131000}})
    person, *people = letters.people(31)
    (letter,) = letters.write(person, "hello")
    with counted(repeated=1), sending(online) as running:
        assert letters.settled(letter) is SendState.UNCONFIRMED
        a_minute_ago = "UPDATE outbox SET changed_at = now() - interval '1 minute' WHERE id = %s"
        online.tables.rows(a_minute_ago, letter)
        others = [letters.write(one, *map(str, range(5)))[-1] for one in people]
        running.wake()
        for last in others:
            letters.until(last, SendState.ACCEPTED)
        online.receive(*simulator.posted())
        online.inbound.handle([STATUSES])
        assert letters.state(letter) is SendState.UNCONFIRMED
        running.wake()
        letters.until(letter, SendState.ACCEPTED, seconds=12)
    assert len(simulator.sends()) == 151


def test_a_repeat_that_is_answered_ends_the_doubt(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    misbehaves(simulator, {"error": {"code": 131000}})
    (letter,) = letters.write(letters.person(), "hello")
    with counted(repeated=1), sending(online) as running:
        assert letters.settled(letter) is SendState.UNCONFIRMED
        wait_is_over(online, running)
        letters.until(letter, SendState.ACCEPTED)
    assert len(simulator.sends()) == 1


def test_no_repeat_is_spent_on_a_channel_that_does_not_work(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    misbehaves(simulator, {"error": {"code": 131000, "times": 1000, "on": "any"}})
    (letter,) = letters.write(letters.person(), "hello")
    with sending(online) as running:
        assert letters.settled(letter) is SendState.UNCONFIRMED
        with counted():
            wait_is_over(online, running)
            wait_until(running.breaker_is_open, seconds=8, what="an open breaker")
            assert repeats(online, letter) == 0
        simulator.control("DELETE", "/faults")
        with counted(repeated=1):
            letters.until(letter, SendState.ACCEPTED)
    assert repeats(online, letter) == 1


def repeats(online: Clinic, letter: UUID) -> int:
    return int(online.tables.one("SELECT repeats FROM outbox WHERE id = %s", letter))


def test_a_patient_hears_of_a_report_that_was_given_up(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    user_id = person["user_id"]
    online.files_report(user_id)
    online.hears(user_id, "LIST", "GET 1")
    online.tables.rows("DELETE FROM outbox WHERE report_id IS NULL")
    online.settle()
    (letter,) = online.tables.column("SELECT id FROM outbox")
    in_doubt = "UPDATE outbox SET state = 30, changed_at = now() - interval '1 day' WHERE id = %s"
    online.tables.rows(in_doubt, letter)
    with counted(given_up=1), sending(online) as running:
        wait_is_over(online, running)
        letters.until(letter, SendState.FAILED)
    online.settle()
    assert "could not" in online.said(user_id)[-1]
    assert not simulator.sends()


def test_a_typing_signal_in_doubt_is_let_go(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    (letter,) = letters.write(letters.person(), Typing("wamid.1"))
    online.tables.rows("UPDATE outbox SET state = 20, attempts = 1 WHERE id = %s", letter)
    with counted(), sending(online):
        letters.until(letter, SendState.FAILED)
    assert not simulator.sends()
