"""The events that move a conversation."""

from dataclasses import dataclass, field
from datetime import datetime

from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Attachment, Verdict


@dataclass(frozen=True, slots=True)
class Said:
    """The patient typed a text; by its `mark` an edit names it later."""

    text: str
    mark: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SaidTooMuch:
    """The patient typed a text that is too long to be read (`typed.LONGEST_TEXT`)."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """The patient tapped a button or a row; `id` is the one that the question gave it."""

    id: str


@dataclass(frozen=True, slots=True)
class SentFile:
    """The patient sent a document or a photo; by its `mark` an edit or deletion names it later."""

    attachment: Attachment
    caption: str | None = None
    mark: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SentTooLarge:
    """The patient sent a file that WhatsApp can't hand over: over 100 MB (error 131052)."""


@dataclass(frozen=True, slots=True)
class SentUnusable:
    """The patient sent something a vault has no use for: a voice note, a location, a sticker."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The patient changed the text or caption of the message `mark`.

    `text` is None where WhatsApp says that there was an edit, and not of what.
    """

    mark: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """The patient deleted the message `mark` for everybody."""

    mark: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """The patient opened the chat for the first time, and has said nothing yet."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The checks of a file ended, or can't go on for now (`WAITING`).

    `until` is when they go on, for a patient who has sent more than is granted. `removed` is what
    the file's copy is without that is kept in its stead.
    """

    media_id: MediaId
    verdict: Verdict
    until: datetime | None = None
    removed: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Readmitted:
    """An administrator has a file checked again that could not be checked in time."""

    media_id: MediaId


@dataclass(frozen=True, slots=True)
class Rang:
    """A timer rang, that was set for `at`; the conversation may want another time by now."""

    name: TimerName
    at: datetime


@dataclass(frozen=True, slots=True)
class NotFiled:
    """A report that was confirmed could not be brought into the vault."""


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """A report that was asked for could not be sent."""

    report_id: ReportId


@dataclass(frozen=True, slots=True)
class DeliveredLate:
    """A report that was asked for takes longer than one that was asked for later."""


@dataclass(frozen=True, slots=True)
class Moved:
    """WhatsApp says that this person has another number or user id from now on."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class Doubted:
    """Somebody else may hold this identity now, says WhatsApp or the clinic.

    `proof` is the identity key that a message of ours has reached.
    """

    doubt: Doubt
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class Vouched:
    """The clinic says that it is the patient, of a vault that is locked `since` then."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """The clinic has joined another vault to this one."""


@dataclass(frozen=True, slots=True)
class Unjoined:
    """The clinic has taken another vault out again that it had joined to this one."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that needs no answer: a reaction, or what was said in a group."""


Heard = Said | SaidTooMuch | Tapped | SentFile | SentTooLarge | SentUnusable | Edited | Arrived
"""Acts of a patient, who waits for an answer."""

Doubts = Moved | Doubted | Vouched | Joined | Unjoined
"""Events that say who the patient is, or which vaults are theirs."""

Told = Deleted | Checked | Readmitted | Rang | NotFiled | NotDelivered | DeliveredLate | Noticed
"""Events that need no greeting, and do not show that somebody is there to answer."""

Event = Heard | Doubts | Told
