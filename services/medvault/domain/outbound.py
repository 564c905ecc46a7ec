"""Messages on their way to a patient: their states, and what follows from each answer."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum

from medvault.domain.confirmation import REPEATS_LAST
from medvault.domain.identifiers import LetterId, ReportId
from medvault.domain.identity import Contact
from medvault.domain.media import FileKind
from medvault.domain.replies import Reply
from medvault.domain.saying.language import ENGLISH

MAX_ATTEMPTS = 12
SEND_DEADLINE = timedelta(seconds=5)
REPEAT_AFTER = timedelta(seconds=120)
LEASE_ENDS = timedelta(seconds=15)
"""From a lease on: by then its worker has sent and settled it, or will never do either."""
DOCUMENT_WAITS = timedelta(seconds=30)
"""So long a document that is ready waits for an earlier one of the same patient."""
UNCONFIRMED_HOLDS = timedelta(seconds=10)
LINE_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(minutes=15)


class SendState(IntEnum):
    """The ladder of a message; a status can only move it up, so their order does not matter.

    `PARKED` is what can't be sent before the patient writes again (the 24 h window).
    `FAILED` stands below `DELIVERED`: where both are reported, the patient has the message.
    """

    PREPARING = 0
    PARKED = 5
    QUEUED = 10
    SENDING = 20
    UNCONFIRMED = 30
    ACCEPTED = 40
    SENT = 50
    FAILED = 55
    DELIVERED = 60
    READ = 70


STATUS_STATES = {
    "sent": SendState.SENT,
    "delivered": SendState.DELIVERED,
    "read": SendState.READ,
    "played": SendState.READ,
    "failed": SendState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Document:
    """A report's file at a position on its way back; at Meta it has a `kind` and a `handle`.

    `language` is the code of the caption's.
    """

    report_id: ReportId
    filename: str
    caption: str
    kind: FileKind | None = None
    handle: str | None = None
    language: str = ENGLISH.code
    position: int = 1


@dataclass(frozen=True, slots=True)
class Typing:
    """Mark a message as read and show that an answer is being written; worth no repeat."""

    wamid: str


Content = Reply | Document | Typing


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call to the channel; `reference` comes back in the message's statuses."""

    reference: LetterId
    to: Contact
    content: Content


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """A status that the channel reported of a message that was sent.

    `identity_changed`: it failed because somebody else may hold the recipient's account now.
    `proof` is the identity key of whom it reached, where that is told.
    """

    wamid: str
    state: SendState
    reference: LetterId | None = None
    code: int | None = None
    identity_changed: bool = False
    proof: str | None = None


class Reaction(StrEnum):
    """The reaction that the channel's answer asks for (whatsapp-cloud-api, error codes)."""

    RETRY = "retry"
    UNREACHABLE = "unreachable"
    NUMBER_RATE = "number_rate"
    PAIR_RATE = "pair_rate"
    STOP_LINE = "stop_line"
    WINDOW_CLOSED = "window_closed"
    IDENTITY_CHANGED = "identity_changed"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The channel took the message and will report on it under this id."""

    wamid: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The channel did not take the message, or nobody can tell.

    `UNREACHABLE`: nothing of it left. `UNKNOWN`: it was written, and the answer tells nothing.
    """

    reaction: Reaction
    code: int | None = None


Answer = Accepted | Refused


@dataclass(frozen=True, slots=True)
class NextStep:
    """The decision on a message after an answer: its state, and when it is looked at again.

    Without `due_in` that is when its lease runs out.
    """

    state: SendState
    due_in: timedelta | None = timedelta(0)
    counts: bool = True


def decide(answer: Answer, attempts: int) -> NextStep:
    """Decide what becomes of a message that left the queue `attempts` times, this one included.

    A fault of the line or the number says nothing against the message: no attempt is used up, and
    the line keeps the pace (`ChannelBreaker`). The other waits add up to three quarters of an hour.
    """
    if isinstance(answer, Accepted):
        return NextStep(SendState.ACCEPTED)
    match answer.reaction:
        case Reaction.UNKNOWN:
            return NextStep(SendState.UNCONFIRMED, None)
        case Reaction.STOP_LINE | Reaction.NUMBER_RATE | Reaction.UNREACHABLE:
            return NextStep(SendState.QUEUED, LINE_WAIT, counts=False)
        case Reaction.WINDOW_CLOSED:
            return NextStep(SendState.PARKED)
        case Reaction.PAIR_RATE:
            wait = timedelta(seconds=4 ** min(attempts, 5))
            return NextStep(SendState.QUEUED, wait, counts=attempts < MAX_ATTEMPTS)
        case Reaction.RETRY if attempts < MAX_ATTEMPTS:
            return NextStep(SendState.QUEUED, min(timedelta(seconds=2**attempts), _LONGEST_WAIT))
        case _:
            return NextStep(SendState.FAILED)


class Resolution(StrEnum):
    """The decision on a message that no status has settled within the stated wait."""

    HOLD = "hold"
    REPEAT = "repeat"
    GIVE_UP = "give_up"


def resolve(found: SendState, attempts: int, doubted_for: timedelta, *, proven: bool) -> Resolution:
    """Decide on a message whose outcome is still unknown, this lease counted in its attempts.

    `UNCONFIRMED` was written to the channel. It is repeated for a day, as a message that is lost is
    worse than one that comes twice, but only while the line is `proven`: so no outage is answered
    by repeats. Messages that were `SENDING` lost their worker, most of them before they were
    written; they are sent as long as there are attempts.
    """
    if not proven:
        return Resolution.HOLD
    if found is SendState.UNCONFIRMED:
        return Resolution.REPEAT if doubted_for < REPEATS_LAST else Resolution.GIVE_UP
    return Resolution.REPEAT if attempts <= MAX_ATTEMPTS else Resolution.GIVE_UP
