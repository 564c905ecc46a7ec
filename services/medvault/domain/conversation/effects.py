"""Acts that a conversation wants; data, carried out in the transaction that saves its state."""

from dataclasses import dataclass
from datetime import datetime

from medvault.domain.audit import Action
from medvault.domain.conversation.state import Backlog
from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Attachment
from medvault.domain.reports import Report, ReportFile
from medvault.domain.saying.messages import Message


@dataclass(frozen=True, slots=True)
class Say:
    """Answer the patient."""

    message: Message


@dataclass(frozen=True, slots=True)
class ShowTyping:
    """Mark the patient's message as read and show that work goes on."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Get a file from WhatsApp, seal it and check it."""

    media_id: MediaId
    attachment: Attachment


@dataclass(frozen=True, slots=True)
class CheckAgain:
    """Check a file again that was kept unchecked."""

    media_id: MediaId


@dataclass(frozen=True, slots=True)
class Discard:
    """Drop a file that will not be filed."""

    media_id: MediaId


@dataclass(frozen=True, slots=True)
class DiscardBacklog:
    """Drop all files that wait behind those in the state."""

    backlog: Backlog


@dataclass(frozen=True, slots=True)
class FileReport:
    """Put checked files into the vault as a report, and say `told` once they lie there."""

    report: Report
    files: tuple[ReportFile, ...]
    told: Message


@dataclass(frozen=True, slots=True)
class SendReport:
    """Give a report back to its owner."""

    report: Report


@dataclass(frozen=True, slots=True)
class LinkIdentity:
    """Let another identity open this vault, and the old one no longer."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class LockVault:
    """Let nothing out of this vault that was meant to leave before, and tell the clinic."""

    since: datetime
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class UnlockVault:
    """Let things out of this vault again."""


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Have the conversation hear `Rang` of this name at a time, and at no other."""

    name: TimerName
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """Write an access or a refusal into the audit."""

    action: Action
    report_id: ReportId | None = None


Effect = (
    Say
    | ShowTyping
    | Fetch
    | CheckAgain
    | Discard
    | DiscardBacklog
    | FileReport
    | SendReport
    | LinkIdentity
    | LockVault
    | UnlockVault
    | SetTimer
    | Record
)
