"""The question for a report's date: the offers, and how one of them is taken."""

from datetime import UTC, date, datetime

import pytest

from medvault.domain.conversation.state import Step
from medvault.domain.saying import wording
from medvault.domain.saying.rendering import render
from support.patients import Patient


def _asked() -> Patient:
    patient = Patient()
    patient.comes_to("date")
    return patient


def _day(patient: Patient) -> date | None:
    return patient.state.filing.draft.day if patient.state.filing.draft else None


def test_of_two_readings_one_is_tapped() -> None:
    patient = _asked()
    heard = patient.says("19-05-02")
    assert heard.text == wording.WHICH_DATE
    assert list(heard.ids) == ["19 May 2002", "2 May 2019", "Cancel"]
    patient.taps(heard.ids["2 May 2019"])
    assert _day(patient) == date(2019, 5, 2)


def test_of_two_readings_one_is_typed_and_yes_is_none() -> None:
    patient = _asked()
    patient.says("19-05-02")
    assert wording.NOT_A_DATE in patient.says("yes").text
    patient.says("19 May 2002")
    assert _day(patient) == date(2002, 5, 19)


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("2/5/99", "*Do you mean 2 May 1999?*", date(1999, 5, 2)),
        ("13/14/2024", "I could not read that", None),
        ("12/14/2024", "*Do you mean 14 December 2024?*", date(2024, 12, 14)),
        ("Friday 14 March 2026", "14 March 2026 was a Saturday", date(2026, 3, 14)),
        ("1405/02/12", "the Persian calendar. *In ours it is 2 May 2026", date(2026, 5, 2)),
        ("R8.5.2", "the Japanese calendar. *In ours it is 2 May 2026", date(2026, 5, 2)),
        ("2/5/1447", "the Islamic calendar", None),
        ("2/5/27", "has not come yet", None),
    ],
)
def test_what_is_in_doubt_is_taken_by_a_yes_alone(text: str, words: str, day: date | None) -> None:
    patient = _asked()
    assert words in patient.says(text).text
    assert (patient.state.filing.step, _day(patient)) == (Step.DATE, None)
    patient.says("yes")
    assert _day(patient) == day


def test_an_offer_is_over_with_the_next_answer() -> None:
    patient = _asked()
    patient.says("2/5/99")
    patient.says("hm")
    patient.says("yes")
    assert patient.state.filing.step is Step.DATE


def test_a_month_is_shown_as_a_month_wherever_its_report_is() -> None:
    patient = Patient()
    patient.comes_to("date")
    assert "Date: March 2026." in patient.says("March 2026").text
    patient.says("Apollo")
    assert "Date: March 2026\n" in patient.says("Lab test").text
    assert "Apollo, March 2026" in render(patient.says("YES").filed[0].told).body
    assert "1. March 2026" in patient.says("LIST").ids


def test_a_caption_in_doubt_is_asked_about() -> None:
    patient = Patient()
    patient.hears_of(patient.sends(caption="19-05-02"))
    assert patient.state.filing.step is Step.DATE
    patient = Patient()
    patient.hears_of(patient.sends(caption="१२ मार्च २०२६"))
    assert _day(patient) == date(2026, 3, 12)


def test_a_day_that_has_begun_in_the_east_has_come() -> None:
    patient = _asked()
    patient.now = datetime(2026, 11, 23, 22, 25, tzinfo=UTC)  # 03:55 on the 24th in India
    patient.says("24/11/2026")
    assert _day(patient) == date(2026, 11, 24)
