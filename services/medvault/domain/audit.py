"""The audit: who did what to which report, and what was refused."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


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
    IDENTITY_LINKED = "identity.linked"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit; ids only, so that it outlives what it speaks of."""

    id: UUID
    patient_id: UUID
    action: Action
    report_id: UUID | None = None
