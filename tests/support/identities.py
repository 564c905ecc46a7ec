"""A person at a phone whose identity changes, and an oracle that knows who has proven themselves.

The oracle shares no code with the product: it says when nothing may leave the vault.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from medvault.domain.conversation.effects import Effect, FileReport, Say, SendReport
from medvault.domain.conversation.events import (
    Checked,
    Doubted,
    Event,
    Moved,
    NotDelivered,
    Rang,
    Said,
    SentFile,
    Tapped,
    Vouched,
)
from medvault.domain.conversation.facts import Fact, Facts, wants
from medvault.domain.conversation.moment import Moment
from medvault.domain.conversation.router import advance
from medvault.domain.conversation.state import Conversation, FilingState
from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Attachment, Verdict
from medvault.domain.pin import Pin
from medvault.domain.reports import Report, ReportDetails, ReportType
from medvault.domain.saying.rendering import render
from support.patients import QUICK, TODAY

PIN, CANARY = "482913", "Canary"
PATIENT = Contact("IN.1", "919800000001", "key-1")
TEXTS = ("LIST", "GET 1", "GET 2", "MORE", "1", "HELP", "hello", "yes", "2 May 2019", "CANCEL")


@dataclass
class Oracle:
    """Whether the person who writes is the one who was proven last."""

    proven: Contact
    now: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    trusted: bool = True
    by_desk: bool = False
    wrong: int = 0
    pauses: int = 0
    shut_until: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    def sees(self, shown: Contact) -> None:
        """A message that shows another key or another phone is somebody else's until proven."""
        known = self.proven
        other_key = known.proof is not None and shown.proof not in (None, known.proof)
        if other_key or shown.phone not in (None, known.phone):
            self.trusted = False
        self.proven = replace(
            known, proof=shown.proof or known.proof, phone=shown.phone or known.phone
        )

    def hears_pin(self, right: bool) -> None:
        """A right PIN proves, unless there were too many wrong ones or the clinic has locked."""
        if self.trusted or self.by_desk or self.now < self.shut_until:
            return
        if right:
            self.trusted, self.wrong, self.pauses = True, 0, 0
            return
        self.wrong += 1
        if self.wrong == 5:
            pause = min(timedelta(hours=2**self.pauses), timedelta(days=7))
            self.wrong, self.pauses, self.shut_until = 0, self.pauses + 1, self.now + pause

    def doubts(self, *, by_desk: bool = False) -> None:
        """Somebody else says that it may be another person."""
        self.trusted = False
        self.by_desk = self.by_desk or by_desk


def _reports() -> list[Report]:
    return [
        Report(
            ReportId(UUID(int=n)),
            ReportDetails(TODAY, f"{CANARY} {n}", ReportType.LAB, f"{CANARY}.pdf"),
        )
        for n in (1, 2)
    ]


@dataclass
class Impostor:
    """A phone in whose place somebody else's comes and goes; every step is random."""

    random: Random
    state: Conversation = field(default_factory=Conversation)
    held: Contact = PATIENT
    shelf: list[Report] = field(default_factory=_reports)
    files: list[MediaId] = field(default_factory=list)
    ids: int = 1000
    opened: int = 0

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.held)
        pin = Pin(QUICK.hashed(PIN, b"salt"), self.oracle.now - timedelta(days=1))
        self.state = Conversation(
            greeted=True, filing=FilingState(filed=2), contact=self.held, pin=pin
        )

    def new_id(self) -> UUID:
        """The next id."""
        self.ids += 1
        return UUID(int=self.ids)

    def moment(self) -> Moment:
        """The time as the oracle has it, and the least costly hash."""
        return Moment(self.oracle.now, TODAY, self.new_id, None, scrypt=QUICK)

    def shows(self) -> Contact:
        """The contact of the phone's holder, as a webhook tells it; any part may be left out."""
        leave_out = self.random.random
        phone = self.held.phone if leave_out() < 0.8 else None
        return Contact(self.held.user_id, phone, self.held.proof if leave_out() < 0.7 else None)

    def step(self) -> tuple[Contact | None, Event]:
        """The next thing that happens, and who shows in it; the oracle has seen it."""
        act = self.random.choices(
            (self._says, self._pin, self._changes, self._file, self._told, self._moves, self._desk),
            (40, 12, 10, 8, 10, 2, 8),
        )[0]
        return act()

    def _written(self, event: Event) -> tuple[Contact, Event]:
        shown = self.shows()
        self.oracle.sees(shown)
        return shown, event

    def _says(self) -> tuple[Contact, Event]:
        if self.random.random() < 0.3:
            taps = ("menu:list", f"report:{UUID(int=1)}", f"date:{self.state.turn}:2019-05-02")
            return self._written(Tapped(self.random.choice(taps)))
        return self._written(Said(self.random.choice(TEXTS)))

    def _pin(self) -> tuple[Contact, Event]:
        right = self.random.random() < 0.4
        found = self._written(Said(PIN if right else "135791"))
        self.oracle.hears_pin(right)
        return found

    def _changes(self) -> tuple[Contact | None, Event]:
        """A SIM swap, a new installation, a number that goes and comes back."""
        key = self.random.choice(("key-1", "key-1", "key-2", "key-3"))
        phone = self.random.choice(("919800000001", "919800000001", "919800000002"))
        self.held = replace(self.held, proof=key, phone=phone)
        self.oracle.now += timedelta(minutes=self.random.choice((1, 1, 90, 60 * 24 * 8)))
        return self._says()

    def _file(self) -> tuple[Contact, Event]:
        attachment = Attachment("7", "application/pdf", None, f"{CANARY}-{self.ids}.pdf")
        return self._written(SentFile(attachment))

    def _told(self) -> tuple[None, Event]:
        verdicts = (Verdict.CLEAN, Verdict.DAMAGED, Verdict.WAITING)
        others: list[Event] = [
            NotDelivered(ReportId(UUID(int=1))),
            Rang(TimerName.SESSION, self.oracle.now),
        ]
        if ends := self.state.filing.deadline:
            others.append(Rang(TimerName.SESSION, ends))
        others += [Checked(id, self.random.choice(verdicts)) for id in self.files[-3:]]
        return None, self.random.choice(others)

    def _moves(self) -> tuple[Contact | None, Event]:
        self.oracle.doubts()
        number = self.random.randrange(100)
        user_id = f"IN.{number}" if self.random.random() < 0.6 else None
        shown, told = self.held, Contact(user_id, f"91980000{number:04}")
        self.held = replace(self.held, user_id=user_id or self.held.user_id)
        if user_id is not None:
            self.held = replace(self.held, phone=told.phone)
            self.oracle.proven = told
        return shown, Moved(told)

    def _desk(self) -> tuple[None, Event]:
        if self.random.random() < 0.3:
            refused = self.random.random() < 0.6
            self.oracle.doubts(by_desk=not refused)
            if refused:
                self.oracle.proven = replace(self.oracle.proven, proof=None)
            return None, Doubted(Doubt.REFUSED if refused else Doubt.DESK)
        since = self.state.lock.since if self.state.lock else self.oracle.now
        if self.random.random() < 0.4:
            return None, Vouched(since - timedelta(seconds=1))
        if not self.oracle.trusted:
            self.oracle.trusted, self.oracle.by_desk = True, False
            self.oracle.wrong = self.oracle.pauses = 0
        return None, Vouched(since)

    def takes(self, outcome: tuple[Conversation, tuple[Effect, ...]]) -> bool:
        """Go on from there; returns whether something of the vault left that must not have."""
        self.state, effects = outcome
        self.files += [
            draft.media_id
            for draft in (self.state.filing.draft, *self.state.filing.waiting)
            if draft and draft.media_id not in self.files
        ]
        self.shelf += [one.report for one in effects if isinstance(one, FileReport)]
        told = any(map(_tells, effects))
        self.opened += told and self.oracle.trusted
        return told and not self.oracle.trusted

    def looks_for(self, event: Event) -> Facts:
        """The facts that the event needs."""
        return Facts(self.shelf if Fact.SHELF in wants(self.state, event) else ())


def _tells(effect: Effect) -> bool:
    match effect:
        case SendReport():
            return True
        case Say(message):
            reply = render(message)
            shown = [reply.body, *(row.title + row.description for row in reply.rows)]
            shown += [button.title for button in reply.buttons]
            return any(CANARY in text for text in shown)
        case _:
            return False


def heard_before(
    state: Conversation,
    contact: Contact | None,
    event: Event,
    moment: Moment,
    facts: Facts = Facts(),
    *,
    left_behind: bool = False,
) -> tuple[Conversation, tuple[Effect, ...]]:
    """How an event was taken before anybody compared its sender with whom the vault knows."""
    del left_behind
    known = state.contact
    if contact is not None and known is not None:
        contact = Contact(contact.user_id or known.user_id, contact.phone or known.phone)
    met = state if contact is None else state._replace(contact=contact)
    return advance(met, event, moment, facts)


def walk(seed: int, steps: int) -> Iterator[tuple[Impostor, Contact | None, Event]]:
    """Steps of fresh people, a hundred each; the caller hands each outcome to `takes`."""
    random = Random(seed)
    person = Impostor(random)
    for number in range(steps):
        if number % 100 == 0:
            person = Impostor(random)
        shown, event = person.step()
        yield person, shown, event
