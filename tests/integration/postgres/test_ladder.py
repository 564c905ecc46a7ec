"""A message's ladder: answers and statuses move it up, in whatever order they come."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medvault.domain.identifiers import LetterId, ReportId
from medvault.domain.outbound import (
    Accepted,
    DeliveryStatus,
    Document,
    NextStep,
    Reaction,
    Refused,
    SendState,
    decide,
)
from medvault.domain.replies import Reply
from medvault.ports.outbox import Climbed, Leased, Letter, Settled
from support.vaults import Vault

SENT, DELIVERED, READ, FAILED = (
    *(SendState.SENT, SendState.DELIVERED),
    *(SendState.READ, SendState.FAILED),
)
WAMID = "wamid.HBgM"


def leased(vault: Vault, letter: Letter | None = None) -> Leased:
    """A message that is being sent, alone in the outbox."""
    vault.sql("DELETE FROM outbox")
    vault.post(letter or vault.letter(vault.patient()))
    with vault.database.begin() as work:
        [one] = work.outbox.lease(10)
    return one


def is_uploaded(vault: Vault, letter: Letter) -> None:
    """Puts a document in line."""
    assert isinstance(letter.content, Document)
    with vault.database.begin() as work:
        uploaded = work.outbox.claim_upload(letter.id, timedelta(minutes=3))
        assert uploaded is not None
        work.outbox.ready(uploaded, replace(letter.content, handle="4711"))


def settle(vault: Vault, one: Leased, step: NextStep, wamid: str | None = None) -> frozenset[UUID]:
    """Records an answer."""
    with vault.database.begin() as work:
        return work.outbox.settle([Settled(one, step, wamid)])


def climb(vault: Vault, *statuses: DeliveryStatus) -> Climbed:
    """Records statuses."""
    with vault.database.begin() as work:
        return work.outbox.climb(statuses)


def state(vault: Vault) -> int:
    """Where the only message stands."""
    found: int = vault.one("SELECT state FROM outbox")
    return found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([SENT, DELIVERED, READ, FAILED]), max_size=4),
    st.sampled_from([Accepted(WAMID), Refused(Reaction.UNKNOWN), None]),
    st.integers(0, 4),
)
def test_the_highest_rung_that_was_ever_said_stands(
    vault: Vault, statuses: list[SendState], answer: Accepted | Refused | None, place: int
) -> None:
    one = leased(vault)
    answered = [decide(answer, 1).state] if answer else []
    said: list[SendState | None] = [*statuses]
    said.insert(min(place, len(said)), None)
    for status in said:
        before = state(vault)
        if status is not None:
            climb(vault, DeliveryStatus(WAMID, status, one.outgoing.reference))
        elif answer is not None:
            settle(vault, one, decide(answer, 1), WAMID if isinstance(answer, Accepted) else None)
        assert state(vault) >= before
    assert state(vault) == max([*statuses, *answered, SendState.SENDING])


@pytest.mark.parametrize("order", [*permutations((SENT, DELIVERED, FAILED))])
def test_failed_stands_below_delivered(vault: Vault, order: tuple[SendState, ...]) -> None:
    one = leased(vault)
    for status in order:
        climb(vault, DeliveryStatus(WAMID, status, one.outgoing.reference))
    assert state(vault) == DELIVERED
    one = leased(vault)
    together = [DeliveryStatus(WAMID, status, one.outgoing.reference) for status in order]
    assert climb(vault, *together).matched == {0, 1, 2}
    assert state(vault) == DELIVERED


def test_a_message_whose_status_came_is_not_sent_again(vault: Vault) -> None:
    one = leased(vault)
    climb(vault, DeliveryStatus(WAMID, SENT, one.outgoing.reference))
    settle(vault, one, decide(Refused(Reaction.UNKNOWN), 1))
    vault.later("outbox", 1000)
    with vault.database.begin() as work:
        assert work.outbox.lease(10) == []
        assert work.outbox.seconds_to_next() is None


def test_a_status_finds_its_message_by_wamid_once_the_answer_is_recorded(vault: Vault) -> None:
    one = leased(vault)
    assert climb(vault, DeliveryStatus(WAMID, DELIVERED)).matched == set()
    settle(vault, one, decide(Accepted(WAMID), 1), WAMID)
    assert climb(
        vault, DeliveryStatus("wamid.other", READ), DeliveryStatus(WAMID, DELIVERED)
    ).matched == {1}
    assert state(vault) == DELIVERED


def test_a_status_whose_reference_is_not_ours_is_matched_by_wamid(vault: Vault) -> None:
    one = leased(vault)
    settle(vault, one, decide(Accepted(WAMID), 1), WAMID)
    assert climb(vault, DeliveryStatus(WAMID, DELIVERED, LetterId(vault.new_id()))).matched == {0}
    assert state(vault) == DELIVERED


def test_a_status_teaches_the_wamid_of_a_message_without_answer(vault: Vault) -> None:
    one = leased(vault)
    settle(vault, one, decide(Refused(Reaction.UNKNOWN), 1))
    climb(vault, DeliveryStatus(WAMID, SENT, one.outgoing.reference))
    assert climb(vault, DeliveryStatus(WAMID, READ)).matched == {0}
    assert state(vault) == READ


def test_unknown_statuses_match_nothing(vault: Vault) -> None:
    leased(vault)
    unknown = [
        DeliveryStatus("wamid.1", READ),
        DeliveryStatus("wamid.2", READ, LetterId(vault.new_id())),
    ]
    assert climb(vault, *unknown) == Climbed(frozenset(), [], [], 0, {})
    assert climb(vault) == Climbed(frozenset(), (), (), 0, {})
    assert state(vault) == SendState.SENDING


@pytest.mark.parametrize("told_first", [False, True], ids=["answer first", "status first"])
def test_one_of_answer_and_status_brings_the_news_that_a_report_was_taken(
    vault: Vault, told_first: bool
) -> None:
    patient = vault.patient()
    report = ReportId(vault.new_id())
    letter = vault.letter(patient, Document(report, "a.pdf", "a"))
    vault.post(letter)
    is_uploaded(vault, letter)
    with vault.database.begin() as work:
        [one] = work.outbox.lease(1)
    status = DeliveryStatus(WAMID, SENT, one.outgoing.reference)
    told = climb(vault, status).sent_reports if told_first else []
    answered = settle(vault, one, decide(Accepted(WAMID), 1), WAMID)
    told = [*told, *climb(vault, status).sent_reports]
    assert told == ([(patient.patient_id, report, patient.subject)] if told_first else [])
    assert answered == (frozenset() if told_first else {one.outgoing.reference})


def test_the_reason_of_a_failure_is_kept(vault: Vault) -> None:
    one = leased(vault)
    climb(vault, DeliveryStatus(WAMID, FAILED, one.outgoing.reference, 131_026))
    settle(vault, one, decide(Accepted(WAMID), 1), WAMID)
    assert vault.sql("SELECT state, code FROM outbox") == [(FAILED, 131_026)]


def test_a_document_that_fails_after_it_was_accepted_is_a_lost_report(vault: Vault) -> None:
    patient, report_id = vault.patient(), ReportId(vault.new_id())
    letter = vault.letter(patient, Document(report_id, "a.pdf", "a"))
    vault.post(letter, vault.letter(patient, Reply("no document")))
    is_uploaded(vault, letter)
    references = []
    for wamid in ("wamid.a", "wamid.b"):
        with vault.database.begin() as work:
            [one] = work.outbox.lease(10)
        settle(vault, one, decide(Accepted(wamid), 1), wamid)
        references.append(one.outgoing.reference)
    failed = [DeliveryStatus("wamid.x", FAILED, reference) for reference in references]
    [lost] = climb(vault, *failed).lost_reports
    assert (lost.letter_id, lost.patient_id, lost.report_id) == (
        letter.id,
        patient.patient_id,
        report_id,
    )
    arrived = climb(vault, DeliveryStatus("wamid.x", DELIVERED, letter.id))
    assert arrived.lost_reports == []
