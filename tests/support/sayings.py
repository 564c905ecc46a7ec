"""Every message to a patient, with fields as long as they can be."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, product
from uuid import UUID

from medvault.domain.date_doubts import Unclear
from medvault.domain.identifiers import ReportId
from medvault.domain.identity import Doubt
from medvault.domain.media import ACTING, Verdict
from medvault.domain.replies import MAX_ROWS, Reply
from medvault.domain.reports import Report, ReportDetails, ReportType
from medvault.domain.saying.messages import (
    Again,
    AskChange,
    AskConfirm,
    AskDate,
    AskHospital,
    AskType,
    AskWhichDay,
    Filed,
    FilesWait,
    GetUnknown,
    Help,
    KeptWithout,
    LeftBehind,
    ListPage,
    Locked,
    Menu,
    Message,
    PinShut,
    PinWrong,
    Plain,
    Question,
    Refused,
    StillOpen,
    TimedOut,
    Unlocked,
    VaultJoined,
)

NAME = "Ω" * 80
DAYS = [date(2019, month, 28) for month in range(1, 13)]
DAY = DAYS[0]
DETAILS = [
    ReportDetails(day, NAME, kind, None, whole)
    for (kind, day), whole in product(zip(cycle(ReportType), DAYS), (False, True))
]
REFUSALS = [one for one in Verdict if not one.accepted and one is not Verdict.WAITING]
QUESTIONS: list[Question] = [
    AskDate(7, DAY, NAME * 3, 12), AskDate(7, DAY, "", 1), AskDate(7, DAY, "", 0),
    AskHospital(7, DAY, False, (NAME, NAME), ("1. Ω", "2. Ω")),
    AskHospital(7, DAY, True, ("Ω",), ("Ω",)),
    AskType(7, NAME), *(AskConfirm(7, details) for details in DETAILS),
]  # fmt: skip
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def samples() -> Iterator[Message]:
    """Every kind of message, with fields as long as they can be."""
    yield from Plain
    yield from QUESTIONS
    yield from (StillOpen(one) for one in QUESTIONS)
    yield from (Again(Plain.NOT_A_HOSPITAL, one) for one in QUESTIONS)
    yield from (AskWhichDay(7, (DAY,), why) for why in Unclear)
    yield from (AskWhichDay(7, (DAY, day), Unclear.TWO_WAYS) for day in DAYS[1:])
    yield from (AskChange(7), Menu(), Unlocked())
    yield from (VaultJoined(pin_gone=False), VaultJoined(pin_gone=True))
    yield from (Filed(details, offers_pin=True) for details in DETAILS)
    yield from (KeptWithout(verdict) for verdict in ACTING)
    for verdict, name, many in product(REFUSALS, (NAME, ""), (False, True)):
        yield Refused(verdict, name, many)
    yield from (TimedOut(1), TimedOut(2), GetUnknown(3), PinWrong(1), PinWrong(4))
    yield from (PinShut(timedelta(minutes=minutes)) for minutes in (1, 59, 61, 1441, 10_080))
    for contact in (None, "ΩΩ +49"):
        yield from (Help(contact), LeftBehind(contact))
        for doubt, by_pin, pause in product(Doubt, (False, True), (None, timedelta(hours=1))):
            yield Locked(doubt, by_pin, pause, contact, keeps_file=True)
    yield from (FilesWait(NOW, another_day=another) for another in (False, True))
    for at in range(0, len(DETAILS), MAX_ROWS):
        some = enumerate(DETAILS[at : at + MAX_ROWS], start=991)
        rows = tuple((n, Report(ReportId(UUID(int=n)), one, scanned=False)) for n, one in some)
        yield ListPage(991, 1000, 1001, rows, in_answer=True)


def shown(reply: Reply) -> list[str]:
    """All that a patient sees of a reply."""
    rows = [text for row in reply.rows for text in (row.title, row.description)]
    return [reply.body, reply.menu, *(button.title for button in reply.buttons), *rows]
