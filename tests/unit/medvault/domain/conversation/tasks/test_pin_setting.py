"""SET PIN, as a patient types it."""

import pytest

from medvault.domain.saying import wording
from medvault.domain.saying.rendering import render
from support.patients import Patient


def test_a_pin_is_asked_for_and_set() -> None:
    patient = Patient()
    assert patient.says("set pin").text == wording.ASK_NEW_PIN
    heard = patient.says("482 913")
    assert (heard.text, heard.recorded) == (wording.PIN_IS_SET, ["pin.set"])
    assert "elete" in heard.text
    assert patient.state.pin is not None
    assert "482913" not in repr(patient.state)


@pytest.mark.parametrize("said", ["SET PIN 482913", "set my pin to 482913", "Change PIN: 48 29 13"])
def test_a_first_pin_may_come_with_the_command(said: str) -> None:
    assert Patient().says(said).text == wording.PIN_IS_SET


@pytest.mark.parametrize(
    ("said", "answer"),
    [("111111", wording.PIN_TOO_EASY), ("4829", wording.PIN_FORM), ("12345678", wording.PIN_FORM)],
)
def test_what_is_no_pin_is_told_and_may_be_corrected(said: str, answer: str) -> None:
    patient = Patient()
    patient.says("SET PIN")
    assert patient.says(said).text == answer
    assert patient.says("482913").text == wording.PIN_IS_SET


def test_whoever_has_one_gives_it_before_it_is_replaced() -> None:
    patient = Patient()
    patient.says("SET PIN 482913")
    assert patient.says("SET PIN 975318").text == wording.PIN_JUST_SET
    patient.waits(minutes=1)
    assert patient.says("SET PIN 975318").text == wording.ASK_CURRENT_PIN
    assert patient.says("135791").text == wording.PIN_WRONG.format(left=4)
    assert patient.says("482913").text == wording.ASK_NEW_PIN
    assert patient.says("975318").text == wording.PIN_IS_SET


def test_too_many_wrong_ones_close_the_question() -> None:
    patient = Patient()
    patient.says("SET PIN 482913")
    patient.waits(minutes=1)
    patient.says("SET PIN")
    for _ in range(4):
        patient.says("135791")
    heard = patient.says("135791")
    assert heard.text == wording.PIN_SHUT.format(wait="1 hour")
    assert patient.state.pin_question is None


def test_cancel_leaves_all_as_it_is() -> None:
    patient = Patient()
    patient.says("SET PIN")
    assert patient.says("cancel").text == wording.PIN_UNCHANGED
    assert patient.state.pin is None


def test_anything_else_closes_the_question_and_is_answered() -> None:
    patient = Patient()
    patient.says("SET PIN")
    assert patient.says("hello").text == wording.HINT
    assert patient.state.pin_question is None


def test_the_question_of_filing_stays_open_meanwhile() -> None:
    patient = Patient()
    patient.comes_to("hospital")
    assert wording.STILL_OPEN in patient.says("SET PIN 482913").text
    assert patient.state.filing.step == "hospital"


def test_a_pin_is_offered_once_with_the_second_report() -> None:
    patient = Patient()
    offers = []
    for _ in range(4):
        patient.hears_of(patient.sends())
        for answer in ("2 May 2019", "Apollo Clinic", "Lab test"):
            patient.says(answer)
        told = render(patient.says("YES").filed[0].told)
        offers.append(wording.OFFER_PIN in told.body)
    assert offers == [False, True, False, False]


def test_the_offer_can_be_tapped() -> None:
    assert Patient().taps("menu:set pin").text == wording.ASK_NEW_PIN


def test_the_question_about_a_file_ends_that_for_a_pin() -> None:
    patient = Patient()
    assert patient.says("SET PIN").text == wording.ASK_NEW_PIN
    file = patient.sends("report.pdf")
    assert "What date" in patient.hears_of(file).text
    assert patient.state.pin_question is None
    assert patient.says("cancel").discarded == [file]
