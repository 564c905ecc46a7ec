"""Histories that are right: patients write, send files and get them back, and all is recorded."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chaos.checker.evidence import (
    AuditRow,
    Evidence,
    InboxRow,
    Ledger,
    LinkRow,
    MediaRow,
    Message,
    OutboxRow,
    ReportRow,
    Send,
    Status,
    Tables,
    Told,
)
from chaos.checker.judgements.audit import FIRST, chained

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
DELIVERED = 60


@dataclass
class World:
    """Evidence in the making; events take place one after the other, ids are random."""

    dice: random.Random
    now: float = 100.0
    messages: list[Message] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)
    inbox: list[InboxRow] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    media: list[MediaRow] = field(default_factory=list)
    reports: list[ReportRow] = field(default_factory=list)
    audit: list[AuditRow] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    lanes: dict[UUID, UUID] = field(default_factory=dict)
    objects: set[str] = field(default_factory=set)
    patients: dict[int, UUID] = field(default_factory=dict)

    def evidence(self) -> Evidence:
        """The evidence that a checker would read."""
        return Evidence(
            Ledger(self.messages, self.statuses, self.sends),
            Tables(
                self.inbox,
                self.outbox,
                self.media,
                self.reports,
                self.audit,
                self.links,
                lanes=self.lanes,
            ),
            frozenset(self.objects),
        )

    def id(self) -> UUID:
        """A fresh id."""
        return UUID(int=self.dice.getrandbits(128))

    def tick(self) -> float:
        """Lets some time pass."""
        self.now += self.dice.uniform(0.01, 2.0)
        return self.now

    def at(self, seconds: float) -> datetime:
        """The database's time at a second of Meta's monotonic clock."""
        return BEGAN + timedelta(seconds=seconds)

    def patient(self, number: int) -> tuple[UUID, UUID]:
        """The patient whose phone it is, and the conversation's subject."""
        if number not in self.patients:
            self.patients[number], subject = self.id(), self.id()
            self.lanes[subject] = self.patients[number]
        patient = self.patients[number]
        return patient, next(subject for subject, whose in self.lanes.items() if whose == patient)

    def told(self) -> Told:
        """An update that was answered at once."""
        posted = self.tick()
        return Told(posted, posted + 0.005, self.at(posted + 0.005).timestamp())

    def received(self, key: UUID, kind: str, subject: UUID, outcome: str, told: Told) -> InboxRow:
        """The inbox row of an update that is handled a moment later."""
        seq = len(self.inbox) + 1
        written, done = self.at(told.first_post + 0.002), self.at(told.first_post + 0.008)
        row = InboxRow(seq, key, subject, kind, written, done, outcome)
        self.inbox.append(row)
        return row

    def says(self, number: int, kind: str = "text", replies: int = 1) -> InboxRow:
        """A patient's message, and its answers."""
        told = self.told()
        message = Message(self.id(), self.id(), number, kind, told)
        self.messages.append(message)
        row = self.received(message.key, "message", self.patient(number)[1], "handled", told)
        for _ in range(replies):
            self.answers(number, row)
        return row

    def answers(self, number: int, row: InboxRow, report: UUID | None = None) -> OutboxRow:
        """A reply that is sent, and reported as delivered."""
        letter = self.letter(number, row, DELIVERED, report)
        wamid = f"wamid.{len(self.sends)}"
        self.sends.append(Send(wamid, letter.id, number, self.tick(), answered=True))
        for name in ("sent", "delivered"):
            status = Status(self.id(), wamid, name, self.told())
            self.statuses.append(status)
            self.received(status.key, "status", UUID(int=0), "applied", status.told)
        if report:
            self.records(number, "report.sent", report)
        return letter

    def letter(
        self,
        number: int,
        row: InboxRow,
        state: int,
        report: UUID | None = None,
        mark: UUID | None = None,
    ) -> OutboxRow:
        """A row of the outbox, written when an inbox row was handled."""
        patient, subject = self.patient(number)
        assert row.done_at is not None
        seq = len(self.outbox) + 1
        letter = OutboxRow(
            self.id(), seq, patient, subject, state, report, None, 1, mark, None, row.done_at
        )
        self.outbox.append(letter)
        return letter

    def files(self, number: int) -> UUID:
        """One or two files that are sent, confirmed and filed; returns their report."""
        files = [self.fetches(number) for _ in range(self.dice.randint(1, 2))]
        self.says(number)
        patient, _ = self.patient(number)
        named = {place: file.id for place, file in enumerate(files, start=1)}
        report = ReportRow(self.id(), patient, "filed", named)
        self.reports.append(report)
        self.keeps(report)
        self.records(number, "report.filed", report.id)
        return report.id

    def fetches(self, number: int) -> MediaRow:
        """A file that is sent, marked as read and brought to where it stays."""
        row = self.says(number, "document", replies=0)
        self.letter(number, row, 40, mark=self.messages[-1].mark)
        patient, _ = self.patient(number)
        assert row.done_at is not None
        file = MediaRow(
            self.id(),
            patient,
            "filed",
            "clean",
            due=False,
            in_incoming=False,
            created_at=row.done_at,
            copied=len(self.media) % 2 == 1,
        )
        self.media.append(file)
        return file

    def leaves_undecided(self, number: int) -> MediaRow:
        """A file that is sent, checked, and not decided on."""
        row = self.says(number, "image")
        patient, _ = self.patient(number)
        assert row.done_at is not None
        file = MediaRow(
            self.id(),
            patient,
            "checked",
            "clean",
            due=False,
            in_incoming=True,
            created_at=row.done_at,
            copied=len(self.media) % 2 == 1,
        )
        self.media.append(file)
        self.objects |= {f"incoming/{file.id}", *[f"incoming/{file.id}-copy"] * file.copied}
        return file

    def keeps(self, report: ReportRow) -> None:
        """Puts a filed report into the store, and the original too of each file that acts."""
        copied = {file.id for file in self.media if file.copied}
        for place, file in report.files.items():
            key = f"reports/{report.id}" if place == 1 else f"reports/{report.id}-{place}"
            self.objects |= {key, *[f"{key}-original"] * (file in copied)}

    def gets(self, number: int) -> None:
        """A report that is asked for comes back."""
        report = self.files(number)
        self.answers(number, self.says(number), report)

    def records(self, number: int, action: str, report: UUID | None = None) -> None:
        """An entry of the audit, linked."""
        patient, _ = self.patient(number)
        entry = AuditRow(self.id(), patient, action, report, self.at(self.tick()))
        self.audit.append(entry)
        chain = [link for link in self.links if link.patient == patient]
        previous = chain[-1].hash if chain else FIRST
        self.links.append(LinkRow(patient, len(chain) + 1, entry.id, chained(previous, entry)))


def honest(seed: int) -> World:
    """A random history of a few patients in which each does everything, and more."""
    world = World(random.Random(seed))
    lives: list[Callable[[int], object]] = [
        world.says,
        world.says,
        world.gets,
        world.leaves_undecided,
        lambda number: world.says(number, "reaction", replies=0),
        lambda number: world.says(number, replies=world.dice.randint(1, 3)),
    ]
    steps = [(live, number) for live in lives for number in range(1, world.dice.randint(1, 3) + 1)]
    world.dice.shuffle(steps)
    for live, number in steps:
        live(number)
    return world
