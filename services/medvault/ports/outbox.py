"""The outbox: replies on their way, on the connection of one unit of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from medvault.domain.confirmation import Told, Unheard
from medvault.domain.identifiers import LaneId, LetterId, PersonId, ReportId
from medvault.domain.identity import Contact
from medvault.domain.outbound import (
    REPEAT_AFTER,
    Content,
    DeliveryStatus,
    NextStep,
    Outgoing,
    SendState,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to write into the outbox.

    A report's document is `preparing` until its file is uploaded, and so is what is held back
    until the report `held_for` is filed.
    """

    id: LetterId
    patient_id: PersonId
    subject: LaneId
    to: Contact
    content: Content
    held_for: ReportId | None = None


@dataclass(frozen=True, slots=True)
class LateDocument:
    """A document that a later one overtakes, as it took too long."""

    letter_id: LetterId
    report_id: ReportId


@dataclass(frozen=True, slots=True)
class Leased:
    """A message to send now: this attempt's number, and who may be told it.

    It was `found` in that state; any but `QUEUED` means that it may have been sent before.
    `repeats` counts how often it was leased so, and `doubted_for` is how long ago it began.
    It `overtakes` an earlier document, of which the patient has to hear.
    """

    outgoing: Outgoing
    patient_id: PersonId
    subject: LaneId
    attempts: int
    found: SendState = SendState.QUEUED
    repeats: int = 0
    doubted_for: timedelta = timedelta()
    overtakes: LateDocument | None = None


class Settled(NamedTuple):
    """A message with what becomes of it; its wamid or the error's code, where there is one."""

    leased: Leased
    step: NextStep
    wamid: str | None = None
    code: int | None = None


class SentReport(NamedTuple):
    """A report that the channel took, and the keyed digest of the identity that it was sent to."""

    patient_id: PersonId
    report_id: ReportId
    identity: LaneId


class ReachedKey(NamedTuple):
    """A message that reached another identity key, `proof`, than it was sent to."""

    patient_id: PersonId
    letter_id: LetterId
    proof: str


@dataclass(frozen=True, slots=True)
class LostReport:
    """A report's document that failed after it was accepted."""

    letter_id: LetterId
    patient_id: PersonId
    report_id: ReportId


@dataclass(frozen=True, slots=True)
class Climbed:
    """Statuses that found their message, and reports that turned out not to arrive.

    `sent_reports` are documents that nobody had known to be taken. `confirmed` counts the messages
    of which nobody had known whether they were sent. `refused` has, by patient, a message that
    failed because somebody else may hold their account.
    """

    matched: frozenset[int]
    lost_reports: Sequence[LostReport]
    sent_reports: Sequence[SentReport]
    confirmed: int
    refused: Mapping[PersonId, LetterId]
    reached: Sequence[ReachedKey] = ()


class Outbox(Protocol):
    """Replies, written with their cause and sent after its commit."""

    def add(self, letters: Sequence[Letter]) -> None:
        """Write messages."""
        ...

    def lease(self, limit: int, waits: Sequence[timedelta] = (REPEAT_AFTER,)) -> Sequence[Leased]:
        """Take the oldest due message of each recipient, by the database's clock.

        A message that is not settled within the next of `waits` is in doubt, and due again.
        """
        ...

    def told(self) -> Sequence[Told]:
        """Return when messages had their first statuses within an hour, the newest first."""
        ...

    def unheard(self, late: timedelta) -> Unheard:
        """Count what the channel took recently and no status told of for so long."""
        ...

    def hasten(self, sent_before: datetime, pauses: Sequence[timedelta]) -> None:
        """Have messages in doubt that were sent until then be repeated now.

        Each waits for the next of `pauses` at the least.
        """
        ...

    def settle(self, settled: Sequence[Settled]) -> frozenset[LetterId]:
        """Record what became of messages; returns those that were not known to be taken."""
        ...

    def climb(self, statuses: Sequence[DeliveryStatus]) -> Climbed:
        """Move messages up their ladder."""
        ...

    def claim_upload(self, id: LetterId, lease: timedelta) -> Leased | None:
        """Lease a document that is to be uploaded; None where nothing is due."""
        ...

    def renew_upload(self, id: LetterId, lease: timedelta) -> None:
        """Hold a claimed document for longer."""
        ...

    def postpone_upload(
        self, id: LetterId, wait: timedelta, *, counts: bool, alone: bool = False
    ) -> None:
        """Give a document back for a later attempt; `counts` uses one up.

        `alone` has it be tried as if whoever had it had died of it.
        """
        ...

    def ready(self, leased: Leased, document: Content) -> None:
        """Put an uploaded document in line."""
        ...

    def release(self, report_id: ReportId) -> Sequence[LaneId]:
        """Let go what was held back until this report is filed; returns whom to wake."""
        ...

    def unpark(self, subjects: Sequence[LaneId]) -> None:
        """Put what was parked for these in line again: they have written."""
        ...

    def open_replies(self, patients: Sequence[PersonId], most: int) -> Mapping[PersonId, int]:
        """Count what is still to be sent to each of these; up to `most`."""
        ...

    def unsent(self, patients: Sequence[PersonId], most: int) -> Sequence[Leased]:
        """Hold what stands in line for these, up to `most` for each, oldest first."""
        ...

    def withdraw(self, ids: Sequence[LetterId]) -> None:
        """Never send these, which are held."""
        ...

    def seconds_to_next(self) -> float | None:
        """Return how long it takes until one more message is due; None when none will be."""
        ...
