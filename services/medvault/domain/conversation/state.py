"""The state of one patient's conversation.

Its larger parts are named tuples: with every message some of them are made again with another
field, which takes a dataclass twice as long.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Verdict
from medvault.domain.pin import Pin
from medvault.domain.quotas import Pace
from medvault.domain.reports import ReportType
from medvault.domain.saying.language import ENGLISH

SESSION_LIFETIME = timedelta(minutes=30)


class Step(StrEnum):
    """Where the filing of a report stands; its value is the question that is open."""

    IDLE = "idle"
    CHECKING = "checking"
    DATE = "date"
    HOSPITAL = "hospital"
    TYPE = "type"
    CONFIRM = "confirm"


class PinQuestion(StrEnum):
    """Which PIN the next six digits are: the one that is set, or its successor."""

    CURRENT = "current"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Lock:
    """Nothing leaves this vault until its patient has proven who they are.

    `since` is new with every doubt, so that a clinic that lets somebody in lets in nobody who came
    later. `kept` counts the files that came meanwhile.
    """

    since: datetime
    doubt: Doubt
    kept: int = 0


class Draft(NamedTuple):
    """A report in the making: a file, and what the patient has said of it so far.

    Where only a month was said, `day` is the first of it. `offered` is a day that the patient was
    asked about. `copied` says that a copy of the file without what acts is kept, `removed` what
    that was, until the patient is told. `mark` is the file's message, and `answers` are those that
    gave the answers.
    """

    media_id: MediaId
    filename: str | None = None
    verdict: Verdict | None = None
    day: date | None = None
    hospital: str | None = None
    type: ReportType | None = None
    whole_month: bool = False
    offered: date | None = None
    copied: bool = False
    removed: Verdict | None = None
    mark: str | None = None
    answers: tuple[tuple[Step, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Backlog:
    """Files that wait behind those in the state: `count` of them, `after` < media id <= `last`."""

    count: int
    after: MediaId
    last: MediaId


class FilingState(NamedTuple):
    """The part of filing: the question that is open, its report, and the files behind it.

    The patient has until `deadline` to answer. `filed` counts the reports that were filed since
    medvault counts them, `hospitals` are those of the last ones. `backlog` are files for which
    there is no room in `waiting`. While nothing is asked, `waiting` are files whose question was
    closed.
    """

    step: Step = Step.IDLE
    draft: Draft | None = None
    waiting: tuple[Draft, ...] = ()
    backlog: Backlog | None = None
    deadline: datetime | None = None
    hospitals: tuple[str, ...] = ()
    filed: int = 0

    @property
    def files(self) -> tuple[Draft, ...]:
        """The files that are named: the one in the making, and those behind it."""
        return (self.draft, *self.waiting) if self.draft else self.waiting

    @property
    def behind_it(self) -> int:
        """How many files wait behind the one in the making."""
        return len(self.waiting) + (self.backlog.count if self.backlog else 0)

    def checking(self, draft: Draft) -> "FilingState":
        """Wait for the verdict on a file before anything is asked about it."""
        return self._replace(step=Step.CHECKING, draft=draft, deadline=None)

    def behind(self, *drafts: Draft) -> "FilingState":
        """Have files wait behind all others."""
        return self._replace(waiting=(*self.waiting, *drafts))


class BrowsingState(NamedTuple):
    """The list as the patient last asked for it, and how many rows of it they saw.

    GET n means its n-th row.
    """

    listed: tuple[ReportId, ...] = ()
    shown: int = 0


class Conversation(NamedTuple):
    """All that is remembered between two messages of a patient: a part a task, and what they share.

    `turn` counts the questions and is the nonce in their answers' ids. `said` is the last text and
    its turn, unless it was an answer that was taken. `rings` is when the session's timer is set to,
    which may be before the deadline. `language` is the code of the one that the patient reads.
    """

    turn: int = 0
    greeted: bool = False
    filing: FilingState = FilingState()
    browsing: BrowsingState = BrowsingState()
    contact: Contact | None = None
    lock: Lock | None = None
    pin: Pin | None = None
    pin_question: PinQuestion | None = None
    pace: Pace | None = None
    said: tuple[str, int] | None = None
    rings: datetime | None = None
    language: str = ENGLISH.code

    def asking(self, step: Step, now: datetime, draft: Draft) -> "Conversation":
        """Go on to the question `step`; the patient has `SESSION_LIFETIME` to answer it."""
        filing = self.filing._replace(step=step, draft=draft, deadline=now + SESSION_LIFETIME)
        return self._replace(filing=filing, turn=self.turn + 1)

    def idle(self, filing: FilingState | None = None) -> "Conversation":
        """Forget the report in the making; the files that wait behind it stay."""
        ended = (filing or self.filing)._replace(step=Step.IDLE, draft=None, deadline=None)
        return self._replace(filing=ended, turn=self.turn + 1)
