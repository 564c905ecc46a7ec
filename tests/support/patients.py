"""A patient at the pure dialogue: their messages and files, and what the vault makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from medvault.domain.conversation.effects import (
    Discard,
    Effect,
    Fetch,
    FileReport,
    Record,
    Say,
    SendReport,
)
from medvault.domain.conversation.events import Checked, Event, Rang, Said, SentFile, Tapped
from medvault.domain.conversation.facts import Fact, Facts, wants
from medvault.domain.conversation.moment import Moment
from medvault.domain.conversation.recognition import hear
from medvault.domain.conversation.state import Conversation
from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment, Verdict
from medvault.domain.pin import Scrypt
from medvault.domain.replies import MAX_BODY, MAX_BUTTONS, MAX_ROWS, Reply
from medvault.domain.reports import Report, ReportDetails, ReportType
from medvault.domain.saying.rendering import render

TODAY = date(2026, 11, 23)
QUICK = Scrypt(1)
"""PINs hashed as the product does, at the least cost."""


@dataclass(frozen=True)
class Heard:
    """The effects of one event."""

    effects: tuple[Effect, ...]

    @property
    def replies(self) -> list[Reply]:
        """The replies, message by message, as the outbox would merge them."""
        merged: list[Reply] = []
        for effect in self.effects:
            if isinstance(effect, Say):
                reply = render(effect.message)
                whole = reply.after(merged[-1]) if merged else None
                merged = [*merged, reply] if whole is None else [*merged[:-1], whole]
        return merged

    @property
    def text(self) -> str:
        """All that is said."""
        return "\n".join(reply.body for reply in self.replies)

    @property
    def ids(self) -> dict[str, str]:
        """The ids that can be tapped, by titles."""
        buttons = [button for reply in self.replies for button in reply.buttons]
        rows = [row for reply in self.replies for row in reply.rows]
        return {button.title: button.id for button in buttons} | {row.title: row.id for row in rows}

    @property
    def discarded(self) -> list[MediaId]:
        """Media ids of files that are dropped."""
        return [effect.media_id for effect in self.effects if isinstance(effect, Discard)]

    @property
    def filed(self) -> list[FileReport]:
        """The reports that go into the vault."""
        return [effect for effect in self.effects if isinstance(effect, FileReport)]

    @property
    def sent(self) -> list[Report]:
        """The reports that the patient gets back."""
        return [effect.report for effect in self.effects if isinstance(effect, SendReport)]

    @property
    def recorded(self) -> list[str]:
        """The actions that the audit gets."""
        return [effect.action for effect in self.effects if isinstance(effect, Record)]


@dataclass
class Patient:
    """Acts, and keeps state, clock and shelf; ids are numbered, as UUIDv7 rise.

    `key` is the identity's key that their messages show, if any.
    """

    state: Conversation = field(default_factory=lambda: Conversation(greeted=True))
    shelf: list[Report] = field(default_factory=list)
    now: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    contact: str | None = None
    key: str | None = None
    _ids: int = 0

    def new_id(self) -> UUID:
        """The next id."""
        self._ids += 1
        return UUID(int=self._ids)

    @property
    def moment(self) -> Moment:
        """Now, as a step is decided on it."""
        return Moment(self.now, TODAY, self.new_id, self.contact, scrypt=QUICK)

    def does(self, event: Event) -> Heard:
        """Take one event; the shelf is only there where it is asked for."""
        shelf = self.shelf if Fact.SHELF in wants(self.state, event) else ()
        shown = Contact("IN.1", None, self.key) if self.key else None
        self.state, effects = hear(self.state, shown, event, self.moment, Facts(shelf))
        heard = Heard(effects)
        self.shelf += [filing.report for filing in heard.filed]
        return heard

    def says(self, text: str) -> Heard:
        """Type."""
        return self.does(Said(text))

    def taps(self, id: str) -> Heard:
        """Tap what has this id."""
        return self.does(Tapped(id))

    def sends(self, filename: str | None = None, caption: str | None = None) -> MediaId:
        """Send a file; returns its media id."""
        heard = self.does(SentFile(Attachment("7", "image/jpeg", None, filename), caption))
        return next(effect.media_id for effect in heard.effects if isinstance(effect, Fetch))

    def hears_of(
        self, media_id: MediaId, verdict: Verdict = Verdict.CLEAN, removed: Verdict | None = None
    ) -> Heard:
        """Let a file's checks end."""
        return self.does(Checked(media_id, verdict, removed=removed))

    def waits(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def times_out(self) -> Heard:
        """Let the open question's deadline pass."""
        if self.state.filing.deadline is None:
            raise AssertionError("no deadline")
        self.now = self.state.filing.deadline
        return self.does(Rang(TimerName.SESSION, self.state.filing.deadline))

    def comes_to(self, step: str, filename: str | None = None) -> Heard:
        """Send a file, and answer up to the question of this step."""
        heard = self.hears_of(self.sends(filename))
        for answer in ("2 May 2019", "Apollo Clinic", "Lab test", "YES"):
            if self.state.filing.step == step:
                return heard
            heard = self.says(answer)
        return heard

    def files(self, day: str = "2 May 2019", hospital: str = "Apollo Clinic") -> Report:
        """File a report; returns it."""
        self.hears_of(self.sends())
        for answer in (day, hospital, "Lab test"):
            self.says(answer)
        return self.says("YES").filed[0].report


def reports(count: int) -> list[Report]:
    """Reports of as many days, oldest first."""
    return [
        Report(
            ReportId(UUID(int=1_000_000 + n)),
            ReportDetails(TODAY - timedelta(days=count - n), f"Clinic {n}", ReportType.LAB),
        )
        for n in range(count)
    ]


def breaches(reply: Reply) -> list[str]:
    """The broken rules for which Meta would refuse a reply (Cloud API: interactive messages)."""
    ids = [button.id for button in reply.buttons] + [row.id for row in reply.rows]
    titles = [button.title for button in reply.buttons]
    rules = {
        "body": 1 <= len(reply.body) <= MAX_BODY and bool(reply.body.strip()),
        "either buttons or rows": not (reply.buttons and reply.rows),
        "count": len(reply.buttons) <= MAX_BUTTONS and len(reply.rows) <= MAX_ROWS,
        "menu": 1 <= len(reply.menu) <= 20 if reply.rows else True,
        "ids": all(1 <= len(id) <= 200 and id == id.strip() for id in ids),
        "same ids": len(set(ids)) == len(ids),
        "button titles": _within(titles, 20) and len({t.casefold() for t in titles}) == len(titles),
        "row titles": _within([row.title for row in reply.rows], 24),
        "descriptions": all(len(row.description) <= 72 for row in reply.rows),
    }
    return [rule for rule, kept in rules.items() if not kept]


def _within(titles: Sequence[str], length: int) -> bool:
    return all(1 <= len(title) <= length and title.strip() for title in titles)
