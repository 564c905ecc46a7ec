"""A patient's documents leave in the order in which they were asked for, or say so."""

from dataclasses import replace
from datetime import timedelta

from medvault.domain.identifiers import ReportId
from medvault.domain.media import FileKind
from medvault.domain.outbound import DOCUMENT_WAITS, Document, NextStep, SendState
from medvault.domain.replies import Reply
from medvault.ports.outbox import LateDocument, Leased, Letter, Settled
from medvault.ports.persistence import Claimed
from support.vaults import Vault

LEASE = timedelta(minutes=3)
PATIENCE = DOCUMENT_WAITS.total_seconds()


def asked_for(vault: Vault, patient: Claimed, count: int) -> list[Letter]:
    """Documents that one patient asked for, one after the other."""
    letters = [
        vault.letter(patient, Document(ReportId(vault.new_id()), "a.pdf", "Lab test"))
        for _ in range(count)
    ]
    vault.post(*letters)
    return letters


def uploaded(vault: Vault, letter: Letter) -> None:
    """A media worker's part of it."""
    assert isinstance(letter.content, Document)
    with vault.database.begin() as work:
        leased = work.outbox.claim_upload(letter.id, LEASE)
        assert leased is not None
        work.outbox.ready(leased, replace(letter.content, kind=FileKind.PDF, handle="4711"))


def sent(vault: Vault) -> list[Leased]:
    """All that leaves now, in turn: each is accepted before the next."""
    found: list[Leased] = []
    while True:
        with vault.database.begin() as work:
            leased = list(work.outbox.lease(10))
        if not leased:
            return found
        found += leased
        steps = [Settled(one, NextStep(SendState.ACCEPTED)) for one in leased]
        with vault.database.begin() as work:
            work.outbox.settle(steps)


def ids(leased: list[Leased]) -> list[object]:
    return [one.outgoing.reference for one in leased]


def test_one_that_is_ready_waits_for_an_earlier_one(vault: Vault) -> None:
    first, second, third = asked_for(vault, vault.patient(), 3)
    uploaded(vault, third)
    assert sent(vault) == []
    uploaded(vault, first)
    assert ids(sent(vault)) == [first.id]
    uploaded(vault, second)
    assert ids(sent(vault)) == [second.id, third.id]


def test_texts_and_other_patients_pass(vault: Vault) -> None:
    patient, other = vault.patient(), vault.patient()
    _, later = asked_for(vault, patient, 2)
    (theirs,) = asked_for(vault, other, 1)
    text = vault.letter(patient, Reply("hello"))
    vault.post(text)
    uploaded(vault, later)
    uploaded(vault, theirs)
    assert set(ids(sent(vault))) == {text.id, theirs.id}


def test_one_that_was_given_up_holds_up_nobody(vault: Vault) -> None:
    first, second = asked_for(vault, vault.patient(), 2)
    uploaded(vault, second)
    vault.sql("UPDATE outbox SET state = 55 WHERE id = :id", id=first.id)
    assert ids(sent(vault)) == [second.id]


def test_after_its_patience_it_overtakes_and_names_the_late_one(vault: Vault) -> None:
    late, *others = asked_for(vault, vault.patient(), 3)
    for other in others:
        uploaded(vault, other)
    vault.later("outbox", PATIENCE - 1)
    assert sent(vault) == []
    vault.later("outbox", 2)
    found = sent(vault)
    assert isinstance(late.content, Document)
    assert ids(found) == [other.id for other in others]
    assert {one.overtakes for one in found} == {LateDocument(late.id, late.content.report_id)}


def test_it_waits_for_one_whose_sender_died(vault: Vault) -> None:
    first, second = asked_for(vault, vault.patient(), 2)
    for letter in (first, second):
        uploaded(vault, letter)
    with vault.database.begin() as work:
        assert ids(list(work.outbox.lease(10))) == [first.id]
    vault.later("outbox", PATIENCE - 1)
    assert sent(vault) == []
    vault.sql("UPDATE outbox SET due_at = now() WHERE id = :id", id=first.id)
    assert ids(sent(vault)) == [first.id, second.id]
