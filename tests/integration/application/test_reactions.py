"""The reaction to each of Meta's errors."""

from medvault.domain.outbound import SendState
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.clinic.letters import Letters
from support.clinic.sending import sending
from support.simulated import Simulator

UNKNOWN = (2, 131000, 131016, 133004)
LINE_STOPPED = (0, 10, 190, 200, 299, 368, 131031, 131042, 133010, 4, 80007, 130429)
PERMANENT = (100, 131008, 131009, 131026, 131051, 131053, 131062, 132000, 132001, 132999)


def refuses(simulator: Simulator, code: int, times: int = 1, on: str = "messages") -> None:
    simulator.control("POST", "/faults", {"error": {"code": code, "times": times, "on": on}})


def attempts(clinic: Clinic) -> list[int]:
    return clinic.tables.column("SELECT attempts FROM outbox ORDER BY seq")


def test_what_passes_is_tried_again_later(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    (letter,) = letters.write(letters.person(), "hello")
    refuses(simulator, 131057)
    with sending(online):
        assert letters.settled(letter) is SendState.QUEUED
        assert 0.5 < letters.wait(letter) <= 2
    assert online.tables.rows("SELECT attempts, code FROM outbox") == [(1, 131057)]
    assert not simulator.sends()
    online.due()
    with sending(online):
        letters.until(letter, SendState.ACCEPTED)
    assert len(simulator.sends()) == 1


def test_after_a_trouble_at_meta_a_status_is_waited_for(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    for person, code in zip(letters.people(len(UNKNOWN)), UNKNOWN, strict=True):
        refuses(simulator, code)
        (letter,) = letters.write(person, "hello")
        with sending(online):
            assert letters.settled(letter) is SendState.UNCONFIRMED, code
            assert 110 < letters.wait(letter) <= 120, code
    assert online.tables.column("SELECT code FROM outbox ORDER BY seq") == list(UNKNOWN)
    assert not simulator.sends()
    online.due()
    with sending(online):
        for letter in online.tables.column("SELECT id FROM outbox"):
            letters.until(letter, SendState.ACCEPTED)
    assert len(simulator.sends()) == len(UNKNOWN)


def test_what_never_passes_fails_at_once(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    with sending(online) as running:
        for code in PERMANENT:
            refuses(simulator, code)
            (letter,) = letters.write(person, "hello")
            running.wake()
            assert letters.settled(letter) is SendState.FAILED, code
    assert attempts(online) == [1] * len(PERMANENT)


def test_a_full_pair_waits_ever_longer_and_alone(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    first, second = letters.people(2)
    (slowed,) = letters.write(first, "hello")
    for attempt in range(1, 4):
        refuses(simulator, 131056)
        with sending(online) as running:
            assert letters.settled(slowed) is SendState.QUEUED
            assert 4**attempt - 2 < letters.wait(slowed) <= 4**attempt
            (free,) = letters.write(second, "hello")
            running.wake()
            letters.until(free, SendState.ACCEPTED)
            assert letters.state(slowed) is SendState.QUEUED
        online.tables.rows(
            "UPDATE outbox SET due_at = now(), leased_at = NULL WHERE id = %s", slowed
        )
    with sending(online):
        letters.until(slowed, SendState.ACCEPTED)
    assert len(simulator.sends()) == 4


def test_what_is_wrong_with_the_account_or_its_rate_uses_up_no_attempts(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    for person, code in zip(letters.people(len(LINE_STOPPED)), LINE_STOPPED, strict=True):
        refuses(simulator, code, times=1000)
        (letter,) = letters.write(person, "hello")
        with sending(online):
            assert letters.settled(letter) is SendState.QUEUED, code
            assert letters.wait(letter) <= 1, code
        simulator.control("DELETE", "/faults")
        online.tables.rows("UPDATE outbox SET due_at = now() + interval '1 hour'")
    assert attempts(online) == [0] * len(LINE_STOPPED)


def test_while_the_breaker_is_open_nobody_is_sent_anything(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    people = letters.people(5)
    (stopped,) = letters.write(people[0], "hello")
    refuses(simulator, 190, times=3, on="any")
    with sending(online) as running:
        letters.settled(stopped)
        others = [letter for person in people[1:] for letter in letters.write(person, "hello")]
        running.wake()
        for letter in others:
            letters.until(letter, SendState.ACCEPTED)
        held = "SELECT extract(epoch FROM min(o.leased_at) - %s) FROM outbox o WHERE o.id <> %s"
        assert letters.until(stopped, SendState.ACCEPTED) is SendState.ACCEPTED
        # Two probes failed, half a second and another second after the message.
        began = online.tables.one("SELECT min(created_at) FROM outbox WHERE id = %s", stopped)
        assert online.tables.one(held, began, stopped) > 1.4
    assert attempts(online) == [1] * 5


def test_outside_of_the_window_letters_wait_until_the_patient_writes(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    first, second = letters.people(2)
    for person in (first, second):
        simulator.control("PATCH", f"/users/{person['id']}", {"window_open": False})
    (parked,) = letters.write(first, "hello")
    (other,) = letters.write(second, "hello")
    with sending(online) as running:
        assert letters.settled(parked) is SendState.PARKED
        assert letters.settled(other) is SendState.PARKED
        online.due()
        running.wake()
        simulator.control("PATCH", f"/users/{first['id']}", {"window_open": True})
        online.receive(webhooks.text(first["user_id"], online.wamid(), "HELP"))
        assert letters.state(parked) is SendState.PARKED
        online.inbound.handle([online.subject(first["user_id"])])
        running.wake()
        letters.until(parked, SendState.ACCEPTED)
    assert letters.state(other) is SendState.PARKED
    assert simulator.sends()[0]["biz_opaque_callback_data"] == str(parked)


def test_a_changed_identity_is_locked_out(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person, other = letters.people(2)
    user_id = person["user_id"]
    online.files_report(user_id)
    online.tables.rows("DELETE FROM outbox")
    owner = online.patient(user_id)
    later = [*letters.write(person, "one", "two"), *letters.write(other, "three")]
    refuses(simulator, 137000)
    with sending(online):
        assert letters.settled(later[0]) is SendState.FAILED
        letters.until(later[2], SendState.ACCEPTED)
    assert letters.state(later[1]) is SendState.FAILED
    audit = "SELECT action FROM audit WHERE patient_id = %s ORDER BY id DESC LIMIT 1"
    assert online.tables.one(audit, owner) == "identity.locked"
    online.settle()
    online.hears(user_id, "LIST")
    assert online.patient(user_id) == owner
    for said in online.said(user_id)[-2:]:
        assert "locked" in said
        assert "Apollo" not in said
    assert not simulator.sends(person)


def test_a_report_that_meets_a_changed_identity_is_not_spoken_of(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    user_id = person["user_id"]
    online.files_report(user_id)
    online.hears(user_id, "LIST", "GET 1")
    online.tables.rows("DELETE FROM outbox WHERE report_id IS NULL")
    online.settle()
    (letter,) = online.tables.column("SELECT id FROM outbox")
    refuses(simulator, 137000)
    with sending(online):
        assert letters.settled(letter) is SendState.FAILED
    online.settle()
    assert (
        online.tables.column("SELECT id FROM outbox WHERE state < 40 AND report_id IS NOT NULL")
        == []
    )
    assert "locked" in online.said(user_id)[-1]
    assert not simulator.sends()


def test_a_message_that_breaks_the_limits_stops_nobody(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    broken, next_one = letters.write(person, "x" * 5000, "hello")
    with sending(online):
        assert letters.settled(broken) is SendState.FAILED
        letters.until(next_one, SendState.ACCEPTED)
    assert len(simulator.sends()) == 1
