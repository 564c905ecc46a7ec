"""The evidence as it was read, before anybody judges it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Told:
    """How Meta told an update, over all POSTs that carried it; seconds of Meta's monotonic clock.

    `answered` is the end of the first answer of 200, `answered_at` the same as Unix time;
    `spilled`: that answer said that the broker took it, not the database.
    """

    first_post: float
    answered: float | None = None
    answered_at: float = 0.0
    spilled: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A patient's message. `key` is its digest in the inbox, `mark` that of a read receipt."""

    key: UUID
    mark: UUID
    patient: int
    type: str
    told: Told


@dataclass(frozen=True, slots=True)
class Status:
    """Meta's word on a message that was sent to a patient: sent, delivered, read, failed."""

    key: UUID
    wamid: str
    name: str
    told: Told


@dataclass(frozen=True, slots=True)
class Send:
    """A message that Meta took; `patient` is whose phone shows it, None where nobody's does."""

    wamid: str
    reference: UUID | None
    patient: int | None
    accepted: float
    answered: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """Meta's side. `unanswered` are patients whose last words have nothing below them."""

    messages: Sequence[Message] = ()
    statuses: Sequence[Status] = ()
    sends: Sequence[Send] = ()
    unanswered: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An update that the vault took."""

    seq: int
    key: UUID
    subject: UUID
    kind: str
    received_at: datetime
    done_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message to a patient; `held` until a report is filed, `report` on its way back."""

    id: UUID
    seq: int
    patient: UUID
    subject: UUID
    state: int
    report: UUID | None
    held: UUID | None
    attempts: int
    mark: UUID | None
    code: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MediaRow:
    """A file that a patient sent; `copied` if there is a copy of it without what acts."""

    id: UUID
    patient: UUID
    state: str
    verdict: str | None
    due: bool
    in_incoming: bool
    created_at: datetime
    copied: bool = False


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report of a vault, and its files by their positions."""

    id: UUID
    patient: UUID
    state: str
    files: Mapping[int, UUID]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry of the audit."""

    id: UUID
    patient: UUID
    action: str
    report: UUID | None
    at: datetime
    identity: UUID | None = None
    note: bytes | None = None


@dataclass(frozen=True, slots=True)
class LinkRow:
    """An entry's place in its patient's chain."""

    patient: UUID
    position: int
    entry: UUID
    hash: bytes


@dataclass(frozen=True, slots=True)
class Tables:
    """The vault's side; `lanes` are the patients by every subject that led to them."""

    inbox: Sequence[InboxRow] = ()
    outbox: Sequence[OutboxRow] = ()
    media: Sequence[MediaRow] = ()
    reports: Sequence[ReportRow] = ()
    audit: Sequence[AuditRow] = ()
    links: Sequence[LinkRow] = ()
    unlinked: frozenset[UUID] = frozenset()
    lanes: dict[UUID, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it; `objects` are the keys in the store.

    The services may repeat a reply that no status told of after `repeat_after` seconds.
    """

    ledger: Ledger
    tables: Tables
    objects: frozenset[str] = frozenset()
    repeat_after: float = 120.0
