"""The database: set-based repositories on the connection of one unit of work."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from medvault.domain.audit import Entry
from medvault.domain.conversation.state import Conversation
from medvault.domain.identifiers import LaneId, MediaId, PersonId
from medvault.domain.identity import Contact
from medvault.domain.updates import PendingUpdate, SealedUpdate, UpdateKind
from medvault.ports.accounts import Accounts
from medvault.ports.cache import CachedSession
from medvault.ports.dead_letters import DeadLetterRecords, DeadLetters
from medvault.ports.depths import Depths
from medvault.ports.desk import Desk
from medvault.ports.outbox import Leased, Outbox
from medvault.ports.timers import Timers
from medvault.ports.transactions import Transaction
from medvault.ports.vault import MediaRecord, MediaRecords, Reports


@dataclass(frozen=True, slots=True)
class Claimed:
    """A conversation held under its row lock, with all that waits for it in order.

    `state` is None where the stored one can't be opened: then nothing may be decided on it.
    """

    patient_id: PersonId
    subject: LaneId
    version: int
    state: Conversation | None
    pending: Sequence[PendingUpdate]


class Conversations(Protocol):
    """The state of every patient's conversation."""

    def claim(self, subjects: Sequence[LaneId], new_id: Callable[[], UUID]) -> Sequence[Claimed]:
        """Lock those that nobody holds, making new patients of unknown subjects.

        Claimed conversations stay claimed until the unit of work ends, and no vaults but theirs may
        be read; conversations that somebody else holds are left out.
        """
        ...

    def save(
        self, states: Sequence[tuple[Claimed, Conversation]]
    ) -> Mapping[PersonId, CachedSession]:
        """Write new states; returns them as the cache keeps them, by patient."""
        ...

    def link(self, claimed: Claimed, contact: Contact) -> None:
        """Let another identity open this vault from now on, and the old one no longer."""
        ...

    def knows(self, patient_id: PersonId, identity: LaneId) -> bool:
        """Whether this blind index is, or was, of an identity of this patient."""
        ...

    def known_by_phone(self, phones: Collection[LaneId]) -> Collection[LaneId]:
        """Return those of these phone numbers by which alone a vault with reports is known."""
        ...

    def lock(self, since: Mapping[PersonId, datetime | None]) -> None:
        """Note since when vaults that are held are locked, or that they are not any more.

        Messages to a locked one fail.
        """
        ...

    def lock_out(self, patients: Sequence[PersonId]) -> None:
        """Lock vaults whose conversations have still to hear of it; messages to them fail."""
        ...

    def awaiting(self, media_id: MediaId) -> CachedSession | None:
        """Read the state of whoever sent a file, without lock: for what may be a moment old."""
        ...


class Inbox(Protocol):
    """Every update, in the order that the database gave it."""

    def add(self, updates: Sequence[SealedUpdate]) -> None:
        """Insert updates, known keys ignored."""
        ...

    def tell(self, patient_id: PersonId, kind: UpdateKind, content: Mapping[str, str]) -> LaneId:
        """Tell a patient's conversation what happened elsewhere, once; returns whom to wake."""
        ...

    def finish(self, seqs: Sequence[int], outcome: str) -> None:
        """Mark updates done in the transaction of their effect; their content goes."""
        ...

    def retry_later(self, seqs: Sequence[int], *, counted: bool = False) -> None:
        """Have a failed attempt repeated later, and count it unless it is `counted`."""
        ...

    def put_off(self, updates: Sequence[tuple[int, datetime]]) -> None:
        """Have conversations go on with these updates, by their places, at a certain time."""
        ...

    def count_attempts(self, seqs: Collection[int]) -> None:
        """Count a try that is about to begin, of what somebody may have died of."""
        ...

    def refund_attempts(self, seqs: Collection[int]) -> None:
        """Refund attempts that another update's failure cut short."""
        ...

    def keep_statuses(self, seqs: Sequence[int]) -> None:
        """Look again later for the message of a status, for up to an hour."""
        ...

    def claim_statuses(self, limit: int, *, tried: bool = False) -> Sequence[PendingUpdate]:
        """Lock the oldest statuses (and what is only kept) that were, or were not, tried before."""
        ...

    def waiting(self, subjects: Sequence[LaneId]) -> Sequence[LaneId]:
        """Return those of the subjects whose oldest pending update is due."""
        ...

    def lag_seconds(self) -> float:
        """Return the age of the oldest pending update of a conversation."""
        ...

    def overdue(self, older_than: timedelta, limit: int) -> Sequence[LaneId]:
        """Return subjects whose updates have been pending for too long."""
        ...


class Audit(Protocol):
    """The acts and refusals; rows can only be added."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries."""
        ...

    def link(self, most: int) -> int:
        """Link the oldest entries without a link; returns how many, 0 while another one links."""
        ...


class UnitOfWork(Protocol):
    """One transaction, to which all vaults are closed at first.

    Row-level policies show only the rows of vaults that it has opened. Each call that hands work
    out, or moves on work that was handed out, opens the vaults of that work until the transaction
    ends: claims, leases and turns; verdicts, settlements and uploads; statuses and timers; the
    requests of the desk, and dead letters. A transaction that begins with anything else opens them
    by `open_vaults`. Nothing else opens any: the database believes no list of patients.
    """

    def open_vaults(self, held: Sequence[MediaRecord | Leased]) -> bool:
        """Open the vaults of work that an earlier transaction leased.

        Work that is over meanwhile opens nothing; False where that is so of a file.
        """
        ...

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
    def accounts(self) -> Accounts:
        """The turns at files, and what was used."""
        ...

    @property
    def reports(self) -> Reports:
        """The vault."""
        ...

    @property
    def timers(self) -> Timers:
        """The timers."""
        ...

    @property
    def audit(self) -> Audit:
        """The audit."""
        ...

    @property
    def dead_letters(self) -> DeadLetters:
        """The dead letters."""
        ...

    @property
    def desk(self) -> Desk:
        """The requests and approvals of the clinic's desk."""
        ...

    @property
    def depths(self) -> Depths:
        """The depths of the queues."""
        ...

    @property
    def dead_letter_records(self) -> DeadLetterRecords:
        """The office that deals with dead letters."""
        ...


class Database(Protocol):
    """Opens units of work. Blocking, thread-safe."""

    def begin(self, name: Transaction) -> AbstractContextManager[UnitOfWork]:
        """Commit when the block ends, roll back when it raises; `Unavailable` when it can't."""
        ...

    def check(self) -> None:
        """Raise `Unavailable` if the database does not answer."""
        ...
