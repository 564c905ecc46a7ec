"""Dead letters: work that was tried often enough and set aside for a person to look at."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from medvault.domain.identifiers import PersonId

MAX_ATTEMPTS = 5
"""Tries that a message or a file has before it is set aside."""

MAX_OVERRUNS = 2
"""Tries of a message that takes longer than the database waits: computing takes as long again."""

AT_MOST = 10_000
"""Dead letters that are listed at once."""


class Kind(StrEnum):
    """The kind of a dead letter."""

    UPDATE = "update"
    KEPT = "kept"
    CONVERSATION = "conversation"
    WEBHOOK = "webhook"
    FILE = "file"
    REPLY = "reply"


class Reason(StrEnum):
    """The reason why it died."""

    UNREADABLE = "unreadable"
    FOREIGN = "foreign"
    STATE_UNREADABLE = "state_unreadable"
    NOT_UNDERSTOOD = "not_understood"
    RAISED = "raised"
    MISSING = "missing"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    CRASH = "crash"
    DELIVERY_LIMIT = "delivery_limit"
    UNRECORDED = "unrecorded"


class Ending(StrEnum):
    """The ending of a dead letter."""

    REPLAYED = "replayed"
    DISCARDED = "discarded"


class RequestOutcome(StrEnum):
    """The outcome of a request; all but `UNKNOWN` are answers to a right one."""

    REPLAYED = "replayed"
    DISCARDED = "discarded"
    ENDED_BEFORE = "ended_before"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed: a word, and the exception's class or the channel's code."""

    reason: Reason
    error: str | None = None

    @classmethod
    def of(cls, error: BaseException, reason: Reason = Reason.RAISED) -> "Failure":
        """Describe an exception without its text, which may quote content."""
        return cls(reason, type(error).__name__)


@dataclass(frozen=True, slots=True)
class DeadUpdate:
    """An inbox row after its last try, by its place."""

    seq: int
    attempts: int
    failure: Failure
    kind: Kind = Kind.UPDATE


@dataclass(frozen=True, slots=True)
class DeadState:
    """A conversation's state after the last try to open it."""

    patient_id: PersonId
    attempts: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter without its content; `ending` is None as long as nobody has dealt with it."""

    id: UUID
    kind: Kind
    reason: str
    error: str | None
    attempts: int
    began_at: datetime
    died_at: datetime
    ending: Ending | None = None
    ended_at: datetime | None = None
