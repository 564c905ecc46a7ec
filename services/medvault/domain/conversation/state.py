"""The state of one patient's conversation."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Verdict
from medvault.domain.pin import Pin
from medvault.domain.quotas import Pace
from medvault.domain.reports import ReportType

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


@dataclass(frozen=True, slots=True)
class Draft:
    """A report in the making: a file, and what the patient has said of it so far.

    Where only a month was said, `day` is the first of it. `offered` is a day that the patient was
    asked about. `copied` says that a copy of the file without what acts is kept, `removed` what
    that was, until the patient is told. `mark` is the file's message, and `answers` are those that
    gave the answers.
    """

    media_id: UUID
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
    after: UUID
    last: UUID


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that is remembered between two messages of a patient.

    `turn` counts the questions and is the nonce in their answers' ids. `listed` is the list as the
    patient last asked for it, `shown` how many rows of it they saw: GET n means its n-th row.
    `filed` counts the reports that were filed since medvault counts them. `backlog` are files for
    which there is no room in `waiting`. `said` is the last text and its turn, unless it was an
    answer that was taken. While nothing is asked, `waiting` are files whose question was closed.
    """

    step: Step = Step.IDLE
    turn: int = 0
    draft: Draft | None = None
    waiting: tuple[Draft, ...] = ()
    listed: tuple[UUID, ...] = ()
    shown: int = 0
    hospitals: tuple[str, ...] = ()
    deadline: datetime | None = None
    greeted: bool = False
    contact: Contact | None = None
    filed: int = 0
    lock: Lock | None = None
    pin: Pin | None = None
    pin_question: PinQuestion | None = None
    pace: Pace | None = None
    backlog: Backlog | None = None
    said: tuple[str, int] | None = None

    def asking(self, step: Step, now: datetime, draft: Draft) -> "Conversation":
        """Go on to the question `step`; the patient has `SESSION_LIFETIME` to answer it."""
        return replace(
            self, step=step, draft=draft, turn=self.turn + 1, deadline=now + SESSION_LIFETIME
        )

    def idle(self) -> "Conversation":
        """Forget the report in the making; the files that wait behind it stay."""
        return replace(self, step=Step.IDLE, draft=None, deadline=None, turn=self.turn + 1)
