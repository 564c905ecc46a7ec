"""The outbox: leased recipient by recipient, oldest first."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from medvault.domain.identifiers import ReportId
from medvault.domain.outbound import (
    Accepted,
    Document,
    NextStep,
    Reaction,
    Refused,
    SendState,
    decide,
)
from medvault.domain.place import Place
from medvault.domain.replies import Button, Reply, Row
from medvault.ports.outbox import Leased, Settled
from support.vaults import Vault

ACCEPTED = decide(Accepted("wamid.x"), 1)
UNCONFIRMED = decide(Refused(Reaction.UNKNOWN), 1)


def lease(vault: Vault, limit: int = 100) -> Sequence[Leased]:
    """The messages that a worker gets to send now."""
    with vault.database.begin() as work:
        return work.outbox.lease(limit)


def settle(vault: Vault, *leased: Leased, step: NextStep = ACCEPTED) -> None:
    """Records the same outcome for messages."""
    with vault.database.begin() as work:
        work.outbox.settle([Settled(one, step) for one in leased])


def bodies(leased: Sequence[Leased]) -> list[str]:
    """The texts of the messages."""
    return [one.outgoing.content.body for one in leased if isinstance(one.outgoing.content, Reply)]


def wait(vault: Vault) -> float | None:
    """How long until one more is due."""
    with vault.database.begin() as work:
        return work.outbox.seconds_to_next()


def test_a_leased_message_is_as_it_was_written(vault: Vault) -> None:
    patient = vault.patient()
    reply = Reply("नमस्ते", (Button("yes", "Yes"),), (Row("1", "One", "first"),), "Menu")
    letter = vault.letter(patient, reply)
    vault.post(letter)
    [leased] = lease(vault)
    assert leased.outgoing.reference == letter.id
    assert (leased.outgoing.to, leased.outgoing.content) == (letter.to, reply)
    assert (leased.patient_id, leased.subject) == (patient.patient_id, patient.subject)
    assert leased.attempts == 1
    assert lease(vault) == []


def test_nothing_waits_in_an_empty_outbox(vault: Vault) -> None:
    assert lease(vault) == []
    assert wait(vault) is None
    settle(vault)
    vault.post()


def test_only_the_oldest_message_of_each_recipient_is_leased(vault: Vault) -> None:
    one, two = vault.patient(), vault.patient()
    vault.post(
        *(vault.letter(one, Reply(f"1{n}")) for n in "abc"),
        *(vault.letter(two, Reply(f"2{n}")) for n in "ab"),
    )
    heard: list[list[str]] = []
    while leased := lease(vault):
        heard.append(bodies(leased))
        assert lease(vault) == []
        settle(vault, *leased)
    assert heard == [["1a", "2a"], ["1b", "2b"], ["1c"]]


def test_who_has_been_served_goes_behind_everybodys_first(vault: Vault) -> None:
    loud = vault.patient()
    vault.post(*(vault.letter(loud, Reply(f"loud {n}")) for n in range(3)))
    [first] = lease(vault, 1)
    quiet = [vault.patient() for _ in range(3)]
    vault.post(*(vault.letter(one, Reply("quiet")) for one in quiet))
    settle(vault, first)
    heard = []
    while leased := lease(vault, 1):
        heard += bodies(leased)
        settle(vault, *leased)
    assert heard == ["quiet", "quiet", "quiet", "loud 1", "loud 2"]


def test_later_messages_wait_behind_one_that_is_to_be_tried_again(vault: Vault) -> None:
    patient = vault.patient()
    vault.post(*(vault.letter(patient, Reply(n)) for n in "ab"))
    [first] = lease(vault)
    settle(vault, first, step=decide(Refused(Reaction.RETRY), 1))
    assert lease(vault) == []
    assert 1 < (wait(vault) or 0) <= 2
    vault.later("outbox", 2)
    [again] = lease(vault)
    assert (bodies([again]), again.attempts) == (["a"], 2)
    settle(vault, again, step=NextStep(SendState.FAILED))
    assert bodies(lease(vault)) == ["b"]


def test_later_messages_wait_ten_seconds_behind_an_unconfirmed_one(vault: Vault) -> None:
    patient = vault.patient()
    vault.post(*(vault.letter(patient, Reply(n)) for n in "ab"))
    [first] = lease(vault)
    settle(vault, first, step=UNCONFIRMED)
    assert lease(vault) == []
    assert 118 < (wait(vault) or 0) <= 120
    vault.later("outbox", 9)
    assert lease(vault) == []
    vault.later("outbox", 2)
    assert bodies(lease(vault)) == ["b"]


def test_a_worker_that_died_with_a_message_delays_the_others_ten_seconds(vault: Vault) -> None:
    patient = vault.patient()
    vault.post(*(vault.letter(patient, Reply(n)) for n in "ab"))
    lease(vault)
    vault.later("outbox", 11)
    assert bodies(lease(vault)) == ["b"]


@pytest.mark.parametrize("settled", [True, False])
def test_what_nobody_confirmed_is_repeated_after_two_minutes(vault: Vault, settled: bool) -> None:
    vault.post(vault.letter(vault.patient()))
    [first] = lease(vault)
    if settled:
        settle(vault, first, step=UNCONFIRMED)
    vault.later("outbox", 119)
    assert lease(vault) == []
    vault.later("outbox", 2)
    [again] = lease(vault)
    assert (again.outgoing, again.attempts) == (first.outgoing, 2)


def test_a_repeat_goes_before_what_waits_behind_it(vault: Vault) -> None:
    patient = vault.patient()
    vault.post(*(vault.letter(patient, Reply(n)) for n in "ab"))
    lease(vault)
    vault.later("outbox", 121)
    assert bodies(lease(vault)) == ["a"]
    assert lease(vault) == []


def test_a_postponed_message_costs_no_attempt(vault: Vault) -> None:
    vault.post(vault.letter(vault.patient()))
    [first] = lease(vault)
    settle(vault, first, step=NextStep(SendState.QUEUED, timedelta(seconds=30), counts=False))
    assert 28 < (wait(vault) or 0) <= 30
    vault.later("outbox", 31)
    [again] = lease(vault)
    assert again.attempts == 1


def test_a_late_failure_of_an_older_attempt_does_not_stop_the_newer(vault: Vault) -> None:
    vault.post(vault.letter(vault.patient()))
    [frozen] = lease(vault)
    vault.later("outbox", 121)
    [second] = lease(vault)
    settle(vault, frozen, step=NextStep(SendState.QUEUED))
    assert lease(vault) == []
    settle(vault, second)
    assert vault.one("SELECT state FROM outbox") == SendState.ACCEPTED


def test_a_message_that_cannot_be_opened_is_given_up_and_holds_up_nobody(vault: Vault) -> None:
    patient, other = vault.patient(), vault.patient()
    broken, odd, fine, theirs = (
        vault.letter(one, Reply("x")) for one in (patient, patient, patient, other)
    )
    vault.post(broken, odd, fine, theirs)
    vault.sql("UPDATE outbox SET content = 'junk' WHERE id = :id", id=broken.id)
    other_form = vault.sealer.seal(b'{"to": 1}', Place.letter(odd.id, odd.patient_id))
    vault.sql("UPDATE outbox SET content = :c WHERE id = :id", c=other_form, id=odd.id)
    assert [one.outgoing.reference for one in lease(vault)] == [theirs.id]
    assert lease(vault) == []
    assert [one.outgoing.reference for one in lease(vault)] == [fine.id]
    assert vault.one("SELECT count(*) FROM outbox WHERE state = 55") == 2


def test_a_parked_message_waits_until_its_patient_writes(vault: Vault) -> None:
    patient, other = vault.patient(), vault.patient()
    vault.post(*(vault.letter(patient, Reply(n)) for n in "ab"))
    [first] = lease(vault)
    settle(vault, first, step=decide(Refused(Reaction.WINDOW_CLOSED), 1))
    [second] = lease(vault)
    settle(vault, second, step=decide(Refused(Reaction.WINDOW_CLOSED), 1))
    assert wait(vault) is None
    with vault.database.begin() as work:
        work.outbox.unpark([other.subject])
    assert lease(vault) == []
    with vault.database.begin() as work:
        work.outbox.unpark([patient.subject])
    assert bodies(lease(vault)) == ["a"]


def test_what_is_held_back_is_let_go_with_its_report(vault: Vault) -> None:
    patient, report_id = vault.patient(), ReportId(vault.new_id())
    vault.post(
        vault.letter(patient, Reply("filed"), held_for=report_id),
        vault.letter(patient, Reply("held"), held_for=vault.new_id()),
        vault.letter(patient, Document(report_id, "a.pdf", "a")),
    )
    assert lease(vault) == []
    assert wait(vault) is None
    with vault.database.begin() as work:
        assert work.outbox.release(report_id) == [patient.subject]
    with vault.database.begin() as work:
        assert work.outbox.release(report_id) == []
    assert bodies(lease(vault)) == ["filed"]
