"""A batch: every effect has its collector, and what raises leaves nothing behind."""

from datetime import date
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest

from medvault.application.effects.batch import Batch
from medvault.application.effects.files import Files
from medvault.application.effects.letters import Letters
from medvault.application.effects.links import Links
from medvault.application.effects.states import States
from medvault.application.effects.timers import Timers
from medvault.application.effects.trail import Trail
from medvault.domain.audit import Action
from medvault.domain.conversation.effects import (
    Discard,
    Effect,
    FileReport,
    LockVault,
    Record,
    Say,
    SendReport,
)
from medvault.domain.conversation.state import Conversation
from medvault.domain.identifiers import LaneId, MediaId, PersonId, ReportId, VaultId, vault_of
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Verdict
from medvault.domain.outbound import Document
from medvault.domain.quotas import Held, Wait
from medvault.domain.replies import Reply
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType
from medvault.domain.saying.messages import Filed, Plain, Refused
from medvault.domain.updates import PendingUpdate, UpdateKind
from medvault.ports.persistence import Claimed
from medvault.ports.vault import Filing
from support.patients import Patient

KNOWN = Conversation(contact=Contact("IN.1", None))
CLAIMED = Claimed(PersonId(UUID(int=1)), LaneId(UUID(int=2)), 1, KNOWN, ())
UPDATE = PendingUpdate(7, UpdateKind.MESSAGE, b"", 0)
DETAILS = ReportDetails(date(2019, 5, 2), "City", ReportType.PRESCRIPTION)
NO_WORDS = Say(Refused(Verdict.CLEAN, "", of_many=False))


def _said(batch: Batch) -> list[str]:
    contents = [letter.content for letter in batch.letters.written]
    return [content.body for content in contents if isinstance(content, Reply)]


def test_every_effect_is_taken_and_by_one_collector_beside_the_letters() -> None:
    taken = [kind for one in (Files, Links, States, Timers, Trail) for kind in one.TAKES]
    assert len(set(taken)) == len(taken)
    assert {*taken, *Letters.TAKES} == set(get_args(Effect))


@pytest.mark.parametrize("collector", [Files(), Letters(uuid4), States()])
def test_what_a_collector_does_not_take_is_no_silent_loss(collector: Any) -> None:
    with pytest.raises(AssertionError):
        collector.take(Record(Action.PIN_SET), None)


def test_replies_of_one_update_are_one_letter_and_those_of_two_are_two() -> None:
    batch = Batch(uuid4)
    for _ in range(2):
        batch.took(CLAIMED, KNOWN, UPDATE, [Say(Plain.TOO_LONG), Say(Plain.STOPPED)], "wamid")
    assert _said(batch) == [f"{Plain.TOO_LONG.value}\n\n{Plain.STOPPED.value}"] * 2


def test_an_update_without_words_leaves_nothing_behind() -> None:
    batch = Batch(uuid4)
    batch.took(CLAIMED, KNOWN, UPDATE, [Say(Plain.TOO_LONG)], "wamid")
    lock = LockVault(Patient().now, Doubt.KEY)
    with pytest.raises(KeyError):
        batch.took(CLAIMED, KNOWN, UPDATE, [lock, Discard(MediaId(UUID(int=3))), NO_WORDS], "wamid")
    batch.took(CLAIMED, KNOWN, UPDATE, [Say(Plain.STOPPED)], "wamid")
    assert _said(batch) == [Plain.TOO_LONG.value, Plain.STOPPED.value]
    assert not batch.files.discards
    assert batch.updates.done == [7, 7]


def test_letters_are_in_the_language_of_the_conversation() -> None:
    batch, now, spanish = Batch(uuid4), Patient().now, KNOWN._replace(language="es")
    report = Report(ReportId(UUID(int=4)), DETAILS)
    filed = FileReport(report, (ReportFile(MediaId(UUID(int=3))),), Filed(DETAILS))
    batch.took(CLAIMED, spanish, UPDATE, [Say(Plain.STOPPED), SendReport(report), filed], "wamid")
    batch.held_back(CLAIMED, spanish, UPDATE, Wait(Held.REPLIES, now), now)
    receipt, stopped, held_back = _said(batch)
    assert receipt.startswith("Archivado: ")
    assert stopped.startswith("Listo, ")
    assert held_back.startswith("Ha escrito ")
    documents = [one.content for one in batch.letters.uploads]
    assert [(one.filename, one.language) for one in documents if isinstance(one, Document)] == [
        ("Receta médica", "es")
    ]


def test_a_report_of_two_files_is_one_filing_and_goes_back_as_two_documents() -> None:
    details = ReportDetails(date(2019, 5, 2), "Apollo Clinic", ReportType.LAB, "scan.pdf")
    report = Report(ReportId(UUID(int=4)), details, positions=(1, 2))
    files = (ReportFile(MediaId(UUID(int=6))), ReportFile(MediaId(UUID(int=5)), 2))
    batch = Batch(uuid4)
    batch.took(CLAIMED, KNOWN, UPDATE, [FileReport(report, files, Filed(details))], "wamid")
    assert batch.files.filings == [Filing(vault_of(CLAIMED.patient_id), report, files)]
    assert batch.media_to_wake == [UUID(int=6)], "the first one has work due"
    batch.took(CLAIMED, KNOWN, UPDATE, [SendReport(report)], "wamid")
    contents = [letter.content for letter in batch.letters.uploads]
    assert [one.position for one in contents if isinstance(one, Document)] == [1, 2]


@pytest.mark.parametrize("positions", [(), (1,), (2, 1)])
def test_a_report_is_not_filed_with_other_files_than_it_has(positions: tuple[int, ...]) -> None:
    details = ReportDetails(date(2019, 5, 2), "Apollo Clinic", ReportType.LAB)
    report = Report(ReportId(UUID(int=4)), details, positions=positions)
    files = (ReportFile(MediaId(UUID(int=6))), ReportFile(MediaId(UUID(int=5)), 2))
    with pytest.raises(ValueError, match="does not have these files"):
        Filing(VaultId(UUID(int=1)), report, files if positions else ())


def test_a_lock_takes_back_what_was_answered_before_it_alone() -> None:
    batch, lock = Batch(uuid4), LockVault(Patient().now, Doubt.KEY)
    other = Claimed(PersonId(UUID(int=8)), LaneId(UUID(int=9)), 1, KNOWN, ())
    batch.took(CLAIMED, KNOWN, UPDATE, [Say(Plain.TOO_LONG)], "wamid")
    batch.took(other, KNOWN, UPDATE, [Say(Plain.TOO_LARGE)], "wamid")
    batch.took(CLAIMED, KNOWN, UPDATE, [lock, Say(Plain.UNUSABLE)], "wamid")
    assert _said(batch) == [Plain.TOO_LARGE.value, Plain.UNUSABLE.value]
