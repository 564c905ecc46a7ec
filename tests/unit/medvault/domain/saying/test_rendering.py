"""Rendering: every message, in a language that nobody speaks and within the channel's limits."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from gettext import NullTranslations
from itertools import product
from typing import get_args
from uuid import UUID

import pytest

from medvault.domain.date_doubts import Unclear
from medvault.domain.identifiers import ReportId
from medvault.domain.identity import Doubt
from medvault.domain.media import FileKind, Verdict
from medvault.domain.replies import Reply
from medvault.domain.reports import Report, ReportDetails, ReportType
from medvault.domain.saying import messages, wording
from medvault.domain.saying.language import ENGLISH, Language
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
from medvault.domain.saying.rendering import captioned, documents, render
from support.patients import breaches

DAY, LATER, NAME = date(2019, 5, 2), date(2019, 9, 30), "Ω" * 80
DETAILS = [
    ReportDetails(DAY, NAME, kind, None, whole) for kind in ReportType for whole in (False, True)
]
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
    yield from (AskChange(7), AskWhichDay(7, (DAY, LATER), Unclear.TWO_WAYS), Menu(), Unlocked())
    yield from (VaultJoined(pin_gone=False), VaultJoined(pin_gone=True))
    yield from (Filed(details, offers_pin=True) for details in DETAILS)
    yield from (KeptWithout(verdict) for verdict in wording.KEPT_WITHOUT)
    for verdict, name, many in product(wording.REFUSED, (NAME, ""), (False, True)):
        yield Refused(verdict, name, many)
    yield from (TimedOut(1), TimedOut(2), GetUnknown(3), PinWrong(1), PinWrong(4))
    yield from (PinShut(timedelta(minutes=minutes)) for minutes in (1, 59, 61, 1441, 10_080))
    for contact in (None, "ΩΩ +49"):
        yield from (Help(contact), LeftBehind(contact))
        for doubt, by_pin, pause in product(Doubt, (False, True), (None, timedelta(hours=1))):
            yield Locked(doubt, by_pin, pause, contact, keeps_file=True)
    yield from (FilesWait(NOW, another_day=another) for another in (False, True))
    rows = tuple((n, Report(ReportId(UUID(int=n)), DETAILS[n], scanned=False)) for n in range(10))
    yield ListPage(1, 10, 11, rows, in_answer=True)


class Unspoken(NullTranslations):
    """Has an x for each letter of a message, so that words from elsewhere show."""

    def gettext(self, message: str) -> str:
        """Leave fields alone."""
        return "".join(
            part if part.startswith("{") else re.sub(r"[^\W\d_]", "x", part)
            for part in re.split(r"(\{\w+\})", message)
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Decline as English does."""
        return self.gettext(msgid1 if n == 1 else msgid2)


NOBODYS = Language("xx", Unspoken())


def shown(reply: Reply) -> list[str]:
    """All that a patient sees of a reply."""
    rows = [text for row in reply.rows for text in (row.title, row.description)]
    return [reply.body, reply.menu, *(button.title for button in reply.buttons), *rows]


def untranslated(texts: list[str]) -> set[str]:
    return {letter for text in texts for letter in re.findall(r"[^\W\d_]", text)} - {"x", "Ω"}


def test_every_message_is_among_the_samples() -> None:
    assert {type(one) for one in samples()} == set(get_args(messages.Message))


def test_all_that_is_said_comes_from_the_catalogue_of_the_language() -> None:
    for message in samples():
        assert not untranslated(shown(render(message, NOBODYS))), message


def test_no_message_breaks_the_channels_limits() -> None:
    for message in samples():
        assert breaches(render(message)) == [], message


@pytest.mark.parametrize("details", DETAILS)
def test_a_document_is_called_and_captioned_in_the_language(details: ReportDetails) -> None:
    (given,) = documents(Report(ReportId(UUID(int=1)), details, scanned=False), NOBODYS)
    assert not untranslated([given.filename, given.caption])
    caption = captioned(given.caption, FileKind.HEIC, NOBODYS)
    assert untranslated([caption]) == set("HEIC")
    assert captioned(given.caption, None, NOBODYS) == given.caption


def test_a_count_takes_the_form_that_its_language_has_for_it() -> None:
    assert render(TimedOut(1)).body == wording.TIMED_OUT
    assert "the 2 files" in render(TimedOut(2)).body
    assert ENGLISH.wait(timedelta(seconds=1)) == "1 minute"
    assert ENGLISH.wait(timedelta(minutes=61)) == "2 hours"


def test_a_refusal_has_words_for_every_verdict_that_is_one() -> None:
    refused = {one for one in Verdict if not one.accepted and one is not Verdict.WAITING}
    assert set(wording.REFUSED) >= refused
