"""Catalogues: complete, of the form of the English words, and within the channel's limits."""

import os
import subprocess
import sys
from datetime import date, timedelta
from gettext import NullTranslations
from pathlib import Path
from string import Formatter
from uuid import UUID

import pytest

from medvault.domain.identifiers import ReportId
from medvault.domain.media import FileKind
from medvault.domain.replies import MAX_BODY
from medvault.domain.reports import Report
from medvault.domain.saying.language import ENGLISH, Language
from medvault.domain.saying.messages import AskDate, Help, Plain
from medvault.domain.saying.rendering import captioned, documents, render, row
from medvault.domain.saying.titles import titles
from medvault.domain.understanding import dates
from medvault.locales.catalogues import codes, language
from support.patients import TODAY, breaches
from support.sayings import DAYS, DETAILS, samples
from support.translations import catalogue, translations

ROOT = Path(__file__).parents[4]
LANGUAGES = [ENGLISH, *map(language, codes())]
EXAMPLE = date(2019, 5, 2)

spoken = pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)


def fields(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name is not None}


class Asked(NullTranslations):
    """Notes the message ids that it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()

    def gettext(self, message: str) -> str:
        self.ids.add(message)
        return message

    def pgettext(self, context: str, message: str) -> str:
        self.ids.add(f"{context}|{message}")
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.ids.add(msgid1)
        return super().ngettext(msgid1, msgid2, n)


def test_there_is_a_second_language() -> None:
    assert "es" in codes()


def test_catalogues_are_up_to_date_with_the_words_that_are_marked() -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    checked = subprocess.run(
        [ROOT / "setup" / "messages", "--check"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, f"run: make messages\n{checked.stderr}"


@pytest.mark.parametrize("code", codes())
def test_every_message_is_translated_and_looked_over(code: str) -> None:
    found = catalogue(code)
    missing = [entry.msgid for entry in found if not entry.translated()]
    assert not missing
    assert not found.fuzzy_entries()
    assert not found.obsolete_entries()


def test_all_that_is_said_is_marked_and_all_that_is_marked_is_said() -> None:
    asked = Asked()
    tongue = Language("xx", asked)
    for message in samples():
        render(message, tongue)
    (given,) = documents(Report(ReportId(UUID(int=1)), DETAILS[0], scanned=False), tongue)
    for smaller in (False, True):
        captioned(given.caption, FileKind.HEIC, tongue, smaller=smaller)
    for days in range(7):
        tongue.weekday(TODAY + timedelta(days=days))
    titles(tongue)
    contexts = {
        f"{one.msgctxt}|{one.msgid}" if one.msgctxt else one.msgid for one in catalogue(codes()[0])
    }
    assert asked.ids == contexts


def test_a_translation_has_the_fields_stresses_and_lines_of_its_message() -> None:
    for code, english, words in translations():
        assert fields(words) == fields(english), (code, words)
        assert words.count("*") == english.count("*"), (code, words)
        assert words.count("\n") == english.count("\n"), (code, words)
        assert words == words.strip(), (code, words)


def test_an_example_of_a_date_is_one_in_the_language() -> None:
    for code, english, words in translations():
        example = ENGLISH.day(EXAMPLE)
        assert (example in english) == (language(code).day(EXAMPLE) in words), (code, words)


@spoken
def test_no_message_breaks_the_channels_limits(language: Language) -> None:
    for message in samples():
        assert breaches(render(message, language)) == [], message


@spoken
def test_nothing_to_tap_is_cut_by_its_language(language: Language) -> None:
    for number, details in enumerate(DETAILS, start=976):
        title = row(number, Report(ReportId(UUID(int=1)), details), language).title
        assert title.endswith("2019"), title
    assert all(len(title) <= 24 for title, _ in titles(language).kinds.values())


@spoken
def test_the_greeting_leaves_room_for_the_longest_first_answer(language: Language) -> None:
    first = [render(message, language).body for message in (Plain.WELCOME, Help(None))]
    assert sum(map(len, first)) + 200 <= MAX_BODY


@spoken
def test_a_caption_has_room_for_all_that_is_said_of_a_report(language: Language) -> None:
    for details in DETAILS:
        (given,) = documents(Report(ReportId(UUID(int=1)), details, scanned=False), language)
        assert not captioned(given.caption, FileKind.WEBP, language, smaller=True).endswith("…")


@spoken
def test_dates_are_read_as_they_are_written(language: Language) -> None:
    for day in DAYS:
        for written in (language.day(day), language.title_of(day)):
            assert dates.parse(written, TODAY) == dates.Dated(day)
        whole = language.day(day, whole_month=True)
        assert dates.parse(whole, TODAY) == dates.Dated(day.replace(day=1), whole_month=True)
        named = f"{language.weekday(day)} {language.day(day)}"
        assert dates.parse(named, TODAY) == dates.Dated(day)


@spoken
def test_the_days_on_the_buttons_are_read(language: Language) -> None:
    asked = next(message for message in samples() if isinstance(message, AskDate))
    today, yesterday, _ = (button.title for button in render(asked, language).buttons)
    assert dates.parse(today, TODAY).day == TODAY
    assert dates.parse(yesterday, TODAY).day == TODAY - timedelta(days=1)


def test_a_language_that_this_release_does_not_have_is_english() -> None:
    assert language("tlh") is ENGLISH
    assert language("../es") is ENGLISH
