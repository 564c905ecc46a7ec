"""Messages to a patient, as values; `rendering` puts them into words."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, unique

from medvault.domain.date_doubts import Unclear
from medvault.domain.identity import Doubt
from medvault.domain.media import Verdict
from medvault.domain.reports import Report, ReportDetails
from medvault.domain.saying import verdicts, wording


@unique
class Plain(Enum):
    """A message without fields: its words."""

    WELCOME = wording.WELCOME
    HINT = wording.HINT
    TOO_LONG = wording.TOO_LONG
    TOO_LARGE = verdicts.TOO_LARGE
    UNUSABLE = verdicts.UNUSABLE
    MESSAGES_WAIT = wording.MESSAGES_WAIT
    EDIT_UNSEEN = wording.EDIT_UNSEEN
    EDIT_TOO_LATE = wording.EDIT_TOO_LATE
    STALE = wording.STALE
    NOTHING_OPEN = wording.NOTHING_OPEN
    CHECKING = wording.CHECKING
    CHECKING_NEXT = wording.CHECKING_NEXT
    CHECK_WAITS = wording.CHECK_WAITS
    WAITS_ITS_TURN = wording.WAITS_ITS_TURN
    BACKLOG = wording.BACKLOG
    NOT_A_DATE = wording.NOT_A_DATE
    FUTURE_DATE = wording.FUTURE_DATE
    LUNAR_DATE = wording.LUNAR_DATE
    NOT_A_HOSPITAL = wording.NOT_A_HOSPITAL
    NOT_A_TYPE = wording.NOT_A_TYPE
    NOT_A_CONFIRMATION = wording.NOT_A_CONFIRMATION
    QUESTION_CLOSED = wording.QUESTION_CLOSED
    CANCELLED = wording.CANCELLED
    NOTHING_TO_CANCEL = wording.NOTHING_TO_CANCEL
    STOPPED = wording.STOPPED
    NOT_FILED = wording.NOT_FILED
    NO_REPORTS = wording.NO_REPORTS
    NO_MORE = wording.NO_MORE
    GET_HOW = wording.GET_HOW
    GET_REFUSED = wording.GET_REFUSED
    NOT_SENT = wording.NOT_SENT
    SENT_LATE = wording.SENT_LATE
    UNJOINED = wording.UNJOINED
    UNLOCKED_BY_PIN = wording.UNLOCKED_BY_PIN
    ASK_NEW_PIN = wording.ASK_NEW_PIN
    ASK_CURRENT_PIN = wording.ASK_CURRENT_PIN
    PIN_FORM = wording.PIN_FORM
    PIN_TOO_EASY = wording.PIN_TOO_EASY
    PIN_IS_SET = wording.PIN_IS_SET
    PIN_JUST_SET = wording.PIN_JUST_SET
    PIN_UNCHANGED = wording.PIN_UNCHANGED


@dataclass(frozen=True, slots=True)
class Menu:
    """How to begin, with what can be tapped for it."""


@dataclass(frozen=True, slots=True)
class Help:
    """All that can be done, and the person to ask."""

    contact: str | None


@dataclass(frozen=True, slots=True)
class FilesWait:
    """More was sent than is granted; it goes on at `at`, of the clinic's zone, to the minute."""

    at: datetime
    another_day: bool


@dataclass(frozen=True, slots=True)
class AskDate:
    """Which date a file has; `name` is empty for a photo, `waiting` the number of those behind."""

    turn: int
    today: date
    name: str
    waiting: int


@dataclass(frozen=True, slots=True)
class AskHospital:
    """Where a report is from; `titles` are the buttons of the `names` of before, place by place."""

    turn: int
    day: date
    whole_month: bool
    names: tuple[str, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskType:
    """Which kind of report it is."""

    turn: int
    hospital: str


@dataclass(frozen=True, slots=True)
class AskConfirm:
    """Whether all of it is right."""

    turn: int
    details: ReportDetails


@dataclass(frozen=True, slots=True)
class AskChange:
    """Which answer is to be changed."""

    turn: int


@dataclass(frozen=True, slots=True)
class AskWhichDay:
    """Which of these days is meant, or whether the only one is."""

    turn: int
    days: tuple[date, ...]
    why: Unclear


Question = AskDate | AskHospital | AskType | AskConfirm


@dataclass(frozen=True, slots=True)
class Again:
    """Why an answer was wrong, in place of the question, and the same answers to tap."""

    why: Plain
    question: Question


@dataclass(frozen=True, slots=True)
class StillOpen:
    """The question that is still open, after something else was answered."""

    question: Question


Asked = Question | AskChange | AskWhichDay | Again | StillOpen


@dataclass(frozen=True, slots=True)
class KeptWithout:
    """The content that a PDF had and is kept without."""

    removed: Verdict


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file is not kept; which one, by its name or as one `of_many`."""

    verdict: Verdict
    name: str
    of_many: bool


@dataclass(frozen=True, slots=True)
class Filed:
    """A report lies in the vault; with the offer to set a PIN if that is due."""

    details: ReportDetails
    offers_pin: bool = False


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The patient's time for answers is over, and so many files are not kept."""

    count: int


@dataclass(frozen=True, slots=True)
class ListPage:
    """Rows `first` to `last` of a list of `total`, as far as they are still there.

    `in_answer` says that a number was asked for before there was a list.
    """

    first: int
    last: int
    total: int
    rows: tuple[tuple[int, Report], ...]
    in_answer: bool = False


@dataclass(frozen=True, slots=True)
class GetUnknown:
    """A number that the list does not have, of which `shown` rows were seen."""

    shown: int


@dataclass(frozen=True, slots=True)
class PinWrong:
    """A wrong PIN, and how many more are taken."""

    left: int


@dataclass(frozen=True, slots=True)
class PinShut:
    """Too many wrong PINs, and how long none is taken."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Locked:
    """A vault is locked, why, and how it is opened: by a PIN if there is one, and at the clinic.

    `pause` is how long no PIN is taken; `keeps_file` says that a file was sent now.
    """

    doubt: Doubt
    by_pin: bool
    pause: timedelta | None
    contact: str | None
    keeps_file: bool = False


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The clinic has opened a vault, whose PIN is gone: another one is offered."""


@dataclass(frozen=True, slots=True)
class VaultJoined:
    """The clinic has joined another vault to this one, and whether a PIN went with it."""

    pin_gone: bool


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A vault of before is closed, and where to ask for it."""

    contact: str | None


Fixed = Plain | Help | Menu | LeftBehind
"""They hold nothing of a patient: the same to everybody of a clinic who reads the same language."""
Told = KeptWithout | Refused | Filed | TimedOut | FilesWait
Guarded = PinWrong | PinShut | Locked | Unlocked | VaultJoined
Listed = ListPage | GetUnknown
Message = Fixed | Asked | Told | Guarded | Listed
