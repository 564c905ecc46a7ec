"""Rendering: every message, in a language that nobody speaks and within the channel's limits."""

import re
from datetime import timedelta
from gettext import NullTranslations
from typing import get_args
from uuid import UUID

import pytest

from medvault.domain.identifiers import ReportId
from medvault.domain.media import FileKind
from medvault.domain.reports import Report, ReportDetails
from medvault.domain.saying import messages, wording
from medvault.domain.saying.language import ENGLISH, Language
from medvault.domain.saying.messages import TimedOut
from medvault.domain.saying.rendering import captioned, documents, render
from support.sayings import DETAILS, samples, shown


class Unspoken(NullTranslations):
    """Has an x for each letter of a message, so that words from elsewhere show."""

    def gettext(self, message: str) -> str:
        """Leave fields alone."""
        return "".join(
            part if part.startswith("{") else re.sub(r"[^\W\d_]", "x", part)
            for part in re.split(r"(\{\w+\})", message)
        )

    def pgettext(self, _: str, message: str) -> str:
        """Say it as elsewhere."""
        return self.gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Decline as English does."""
        return self.gettext(msgid1 if n == 1 else msgid2)


NOBODYS = Language("xx", Unspoken())


def untranslated(texts: list[str]) -> set[str]:
    return {letter for text in texts for letter in re.findall(r"[^\W\d_]", text)} - {"x", "Ω"}


def test_every_message_is_among_the_samples() -> None:
    assert {type(one) for one in samples()} == set(get_args(messages.Message))


def test_all_that_is_said_comes_from_the_catalogue_of_the_language() -> None:
    for message in samples():
        assert not untranslated(shown(render(message, NOBODYS))), message


@pytest.mark.parametrize("details", DETAILS)
def test_a_document_is_called_and_captioned_in_the_language(details: ReportDetails) -> None:
    (given,) = documents(Report(ReportId(UUID(int=1)), details, scanned=False), NOBODYS)
    assert not untranslated([given.filename, given.caption])
    caption = captioned(given.caption, FileKind.HEIC, NOBODYS)
    assert untranslated([caption]) == set("HEIC")
    assert captioned(given.caption, None, NOBODYS) == given.caption


def test_a_count_takes_the_form_that_its_language_has_for_it() -> None:
    assert render(TimedOut(1), ENGLISH).body == wording.TIMED_OUT.one
    assert "the 2 files" in render(TimedOut(2), ENGLISH).body
    assert ENGLISH.wait(timedelta(seconds=1)) == "1 minute"
    assert ENGLISH.wait(timedelta(minutes=61)) == "2 hours"
