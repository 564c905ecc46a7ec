"""The audit: acts on reports, with their authors, and refusals, in a chain per patient."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from medvault.domain.identifiers import LaneId, ReportId, VaultId


class Action(StrEnum):
    """The act that an audit row records."""

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
    IDENTITY_NEW = "identity.new"
    MESSAGE_FOREIGN = "message.foreign"
    IDENTITY_UNLOCKED = "identity.unlocked"
    UNLOCKING_ASKED = "unlocking.asked"
    UNLOCKING_APPROVED = "unlocking.approved"
    JOINING_ASKED = "joining.asked"
    JOINING_APPROVED = "joining.approved"
    UNJOINING_ASKED = "unjoining.asked"
    UNJOINING_APPROVED = "unjoining.approved"
    PIN_SET = "pin.set"
    PIN_REFUSED = "pin.refused"
    DEAD_LETTER_REVEALED = "dead_letter.revealed"
    DEAD_LETTER_REPLAYED = "dead_letter.replayed"
    DEAD_LETTER_DISCARDED = "dead_letter.discarded"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit; ids only, so that it outlives what it speaks of.

    `note` is sealed: which administrator did it, to what and why. `identity` is the keyed digest of
    the user id or phone number that asked for it, or that it was sent to.
    """

    id: UUID
    vault_id: VaultId
    action: Action
    report_id: ReportId | None = None
    note: bytes | None = None
    identity: LaneId | None = None
