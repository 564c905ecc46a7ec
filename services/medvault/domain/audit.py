"""The audit: who did what to which report, and what was refused, in a chain per patient."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

FIRST = b"\0" * 32
"""The hash that a patient's first entry is linked to."""


class Action(StrEnum):
    """What an audit row says was done."""

    FILE_RECEIVED = "file.received"
    FILE_REFUSED = "file.refused"
    REPORT_FILING = "report.filing"
    REPORT_FILED = "report.filed"
    REPORTS_LISTED = "reports.listed"
    REPORT_REQUESTED = "report.requested"
    REPORT_REFUSED = "report.refused"
    REPORT_UPLOADED = "report.uploaded"
    REPORT_SENT = "report.sent"
    REPORT_NOT_SENT = "report.not_sent"
    SESSION_ENDED = "session.ended"
    IDENTITY_LOCKED = "identity.locked"
    IDENTITY_LINKED = "identity.linked"
    MESSAGE_FOREIGN = "message.foreign"
    DEAD_LETTER_REVEALED = "dead_letter.revealed"
    DEAD_LETTER_REPLAYED = "dead_letter.replayed"
    DEAD_LETTER_DISCARDED = "dead_letter.discarded"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit; ids only, so that it outlives what it speaks of.

    `note` is sealed: which administrator did it, to what and why.
    """

    id: UUID
    patient_id: UUID
    action: Action
    report_id: UUID | None = None
    note: bytes | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it was written, with the database's time."""

    entry: Entry
    at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """An entry's place in its patient's chain; `hash` covers the entry and all before it."""

    entry_id: UUID
    patient_id: UUID
    position: int
    hash: bytes


def chained(previous: bytes, recorded: Recorded) -> bytes:
    """Return the SHA-256 that links an entry to the one before it."""
    entry, at = recorded.entry, recorded.at.astimezone(UTC).isoformat(timespec="microseconds")
    report = entry.report_id.hex if entry.report_id else "-"
    said = f"{entry.id.hex}|{entry.patient_id.hex}|{entry.action}|{report}|{at}"
    if entry.note is not None:
        said = f"{said}|{hashlib.sha256(entry.note).hexdigest()}"
    return hashlib.sha256(previous + said.encode()).digest()


def extend(heads: dict[UUID, tuple[int, bytes]], entries: Iterable[Recorded]) -> list[Link]:
    """Link entries to their patients' chains; `heads` (position, hash) move along."""
    links = []
    for recorded in entries:
        patient_id = recorded.entry.patient_id
        position, previous = heads.get(patient_id, (0, FIRST))
        link = Link(recorded.entry.id, patient_id, position + 1, chained(previous, recorded))
        heads[patient_id] = (link.position, link.hash)
        links.append(link)
    return links
