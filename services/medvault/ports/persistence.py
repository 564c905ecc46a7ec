"""The database: set-based repositories on the connection of one unit of work."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from medvault.domain.audit import Entry, Link, Recorded
from medvault.domain.conversations import Conversation
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment, FileKind, MediaState, Verdict
from medvault.domain.reports import Report
from medvault.domain.updates import PendingUpdate, SealedUpdate, UpdateKind
from medvault.ports.cache import CachedSession
from medvault.ports.outbox import Outbox
from medvault.ports.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Claimed:
    """A conversation held under its row lock, with all that waits for it in order.

    `state` is None where the stored one can't be opened: then nothing may be decided on it.
    """

    patient_id: UUID
    subject: UUID
    version: int
    state: Conversation | None
    pending: Sequence[PendingUpdate]


class Conversations(Protocol):
    """The state of every patient's conversation."""

    def claim(self, subjects: Sequence[UUID], new_id: Callable[[], UUID]) -> Sequence[Claimed]:
        """Lock those that nobody holds, making new patients of unknown subjects.

        What was claimed stays claimed until the unit of work ends, and alone may be read of the
        vault; conversations that somebody else holds are left out.
        """
        ...

    def save(self, states: Sequence[tuple[Claimed, Conversation]]) -> Mapping[UUID, CachedSession]:
        """Write new states; returns them as the cache keeps them, by patient."""
        ...

    def link(self, claimed: Claimed, contact: Contact) -> None:
        """Let another identity open this vault from now on, and the old one no longer."""
        ...

    def lock_out(self, patients: Sequence[UUID]) -> None:
        """Take vaults from identities that may have another owner now; what they are sent fails."""
        ...

    def current(self, patient_id: UUID) -> CachedSession | None:
        """Read a state without lock: for what may be a moment old."""
        ...


class Inbox(Protocol):
    """Every update, in the order that the database gave it."""

    def add(self, updates: Sequence[SealedUpdate]) -> None:
        """Insert updates, known keys ignored."""
        ...

    def report(self, patient_id: UUID, kind: UpdateKind, content: Mapping[str, str]) -> UUID:
        """Tell a patient's conversation what happened elsewhere, once; returns whom to wake."""
        ...

    def finish(self, seqs: Sequence[int], outcome: str) -> None:
        """Mark updates done in the transaction of their effect; their content goes."""
        ...

    def set_aside(self, seqs: Sequence[int], outcome: str) -> None:
        """Mark updates done without effect, with their content kept for inspection."""
        ...

    def count_attempt(self, seqs: Sequence[int]) -> None:
        """Count a failed attempt."""
        ...

    def expire_sessions(self, limit: int) -> Sequence[UUID]:
        """Tell each conversation past its deadline that it is; returns whom to wake."""
        ...

    def keep_statuses(self, seqs: Sequence[int]) -> None:
        """Look again later for the message of a status, for up to an hour."""
        ...

    def claim_statuses(self, limit: int) -> Sequence[PendingUpdate]:
        """Lock the oldest statuses (and what is only kept) that nobody holds."""
        ...

    def waiting(self, subjects: Sequence[UUID]) -> Sequence[UUID]:
        """Return those of the subjects that have updates pending."""
        ...

    def lag_seconds(self) -> float:
        """Return the age of the oldest pending update of a conversation."""
        ...

    def overdue(self, older_than: timedelta, limit: int) -> Sequence[UUID]:
        """Return subjects whose updates have been pending for too long."""
        ...


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """A received file, claimed by a worker."""

    id: UUID
    patient_id: UUID
    state: MediaState
    attachment: Attachment
    attempts: int
    kind: FileKind | None = None
    size: int | None = None
    report_id: UUID | None = None


class MediaRecords(Protocol):
    """The files that patients sent, from announcement to vault."""

    def add(self, files: Sequence[tuple[UUID, UUID, Attachment]]) -> None:
        """Write (media id, patient id, attachment) to be fetched."""
        ...

    def discard(self, ids: Sequence[UUID]) -> None:
        """Let files go; maintenance removes their bytes."""
        ...

    def file(self, files: Sequence[tuple[UUID, UUID]]) -> None:
        """Have checked files moved to where their reports are kept: (media id, report id)."""
        ...

    def filed(self, id: UUID) -> None:
        """Record that the file lies under its final key."""
        ...

    def claim(self, id: UUID, lease: timedelta) -> MediaRecord | None:
        """Lease a file that has work due; None where it has none or somebody works on it."""
        ...

    def stored(self, id: UUID, kind: FileKind, size: int) -> bool:
        """Record that the sealed file lies in `incoming/`; False if it was let go meanwhile."""
        ...

    def checked(self, id: UUID, verdict: Verdict) -> bool:
        """Record the checks' verdict; False if there is one already, or the file was let go."""
        ...

    def renew(self, id: UUID, lease: timedelta) -> None:
        """Hold a claimed file for longer."""
        ...

    def release(self, id: UUID) -> None:
        """Hold a file no longer that was let go: what is left of it may be swept."""
        ...

    def postpone(self, id: UUID, wait: timedelta, *, counts: bool) -> None:
        """Give a file back for a later attempt; `counts` uses one up."""
        ...

    def overdue(self, limit: int) -> Sequence[UUID]:
        """Return files with work that is due and held by nobody."""
        ...

    def leftovers(self, limit: int) -> Sequence[UUID]:
        """Return files whose bytes in `incoming/` are wanted by nobody any more."""
        ...

    def swept(self, ids: Sequence[UUID]) -> None:
        """Record that nothing of these is left in `incoming/`."""
        ...


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report with the place and kind of its file."""

    report: Report
    patient_id: UUID
    media_id: UUID
    kind: FileKind
    size: int
    filed: bool

    @property
    def key(self) -> str:
        """The object's final key."""
        return f"reports/{self.report.id}"


@dataclass(frozen=True, slots=True)
class Filing:
    """A report to be filed, whose it is, and its file."""

    patient_id: UUID
    report: Report
    media_id: UUID


class Reports(Protocol):
    """The vault. Row-level policies show only the patients of this unit of work."""

    def for_patients(self, patients: Sequence[UUID]) -> None:
        """Open the vaults of these patients, and of no other, for this unit of work."""
        ...

    def shelf(self, patients: Sequence[UUID]) -> Mapping[UUID, Sequence[Report]]:
        """Return each patient's reports."""
        ...

    def add(self, filings: Sequence[Filing]) -> None:
        """Write reports as `filing`."""
        ...

    def filed(self, report_id: UUID) -> bool:
        """Mark a report as filed; False if it was already."""
        ...

    def find(self, pairs: Sequence[tuple[UUID, UUID]]) -> Mapping[UUID, StoredReport]:
        """Return reports by (patient, report); what the patient does not own is not found."""
        ...


class Audit(Protocol):
    """What was done and what was refused; rows can only be added."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries."""
        ...

    def unlinked(self, limit: int) -> Sequence[Recorded]:
        """Return the oldest entries without a link; none while somebody else links."""
        ...

    def heads(self, patients: Sequence[UUID]) -> dict[UUID, tuple[int, bytes]]:
        """Return the last position and hash of each patient's chain."""
        ...

    def link(self, links: Sequence[Link]) -> None:
        """Write links."""
        ...


class UnitOfWork(Protocol):
    """One transaction."""

    @property
    def conversations(self) -> Conversations:
        """The states."""
        ...

    @property
    def inbox(self) -> Inbox:
        """The updates."""
        ...

    @property
    def outbox(self) -> Outbox:
        """The replies."""
        ...

    @property
    def media(self) -> MediaRecords:
        """The received files."""
        ...

    @property
    def reports(self) -> Reports:
        """The vault."""
        ...

    @property
    def audit(self) -> Audit:
        """The audit."""
        ...


class Database(Protocol):
    """Opens units of work. Blocking, thread-safe."""

    def begin(self, name: Transaction) -> AbstractContextManager[UnitOfWork]:
        """Commit when the block ends, roll back when it raises; `Unavailable` when it can't."""
        ...

    def check(self) -> None:
        """Raise `Unavailable` if the database does not answer."""
        ...
