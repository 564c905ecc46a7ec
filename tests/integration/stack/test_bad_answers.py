"""Answers that don't fit: said clearly, without effect, and the conversation goes on."""

from uuid import uuid4

import pytest

from support import pdfs
from support.stack.filing import asked_for_date, file_pdf, list_one, typed
from support.stack.phone import choice
from support.stack.stack import Stack


@pytest.mark.parametrize(
    ("typed_date", "told"),
    [
        ("2 May 2099", "That date has not come yet"),
        ("31/02/2019", "could not read that as a date"),
        ("last summer", "could not read that as a date"),
    ],
)
def test_a_date_that_can_not_be_is_asked_for_again(
    stack: Stack, typed_date: str, told: str
) -> None:
    phone = stack.phone()
    asked_for_date(phone, pdfs.scanned())
    with stack.inbound.counting("messages_handled_total", outcome="done"):
        phone.say(typed_date, told)
    phone.say("2 May 2019", "Which hospital")


def test_a_number_beyond_the_list_is_told_its_end(stack: Stack) -> None:
    phone = stack.phone()
    file_pdf(phone, pdfs.scanned())
    list_one(phone)
    with stack.inbound.counting("messages_handled_total", outcome="done"):
        phone.say("GET 99", "The list you saw ends at number 1")
    assert "report.requested" not in stack.vault.audit(phone)


def test_a_stale_button_is_said_to_be_one_and_the_open_question_asked_again(stack: Stack) -> None:
    phone = stack.phone()
    asked = asked_for_date(phone, pdfs.scanned())
    phone.say("2 May 2019", "Which hospital")
    with stack.inbound.counting("messages_handled_total", outcome="done"):
        phone.tap(choice(asked, "Today"), "That button belongs to an earlier question.")
    assert "2 May 2019" in phone.chat()[-1]["text"]
    phone.say("City Hospital", "What kind")


def test_a_button_of_a_report_that_is_filed_does_nothing(stack: Stack) -> None:
    phone = stack.phone()
    phone.send_file(pdfs.scanned(), "report.pdf", "application/pdf")
    typed(phone)
    asked = next(m for m in phone.chat() if "Shall I file it?" in m.get("text", ""))
    phone.tap(choice(asked, "File it"), "That question is closed already.")
    stack.settle()
    assert len(stack.vault.reports(phone)) == 1


def test_a_tap_forged_for_somebody_elses_report_is_refused_and_audited(stack: Stack) -> None:
    owner, thief = stack.phone(), stack.phone()
    file_pdf(owner, pdfs.scanned())
    (report,) = stack.vault.reports(owner)
    reply = {"id": f"report:{report.hex}", "title": "1. 2 May 2019"}
    forged = {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": reply}}
    with stack.inbound.counting("report_requests_total", outcome="refused"):
        thief.send(raw=forged)
        thief.answer("I can't find that report in your vault")
    stack.settle()
    assert stack.vault.audit(thief) == ["report.refused"]
    assert "report.requested" not in stack.vault.audit(owner)
    assert not [message for message in thief.chat() if message.get("media_id")]


def test_a_tap_forged_for_a_report_that_nobody_has_is_refused_alike(stack: Stack) -> None:
    phone = stack.phone()
    reply = {"id": f"report:{uuid4().hex}", "title": "1."}
    phone.send(
        raw={"type": "interactive", "interactive": {"type": "list_reply", "list_reply": reply}}
    )
    phone.answer("I can't find that report in your vault")


@pytest.mark.parametrize("id", ["report:", "report:zz", "date:", ":::", "menu:nothing", "x" * 256])
def test_a_nonsensical_tap_is_answered(stack: Stack, id: str) -> None:
    phone = stack.phone()
    reply = {"id": id, "title": "?"}
    phone.send(
        raw={"type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}}
    )
    phone.answer("That question is closed already.")
    stack.settle()


def test_a_tap_of_nothing_is_answered_as_any_message(stack: Stack) -> None:
    phone = stack.phone()
    reply = {"id": "", "title": "?"}
    phone.send(
        raw={"type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}}
    )
    phone.answer("Welcome to your medical vault")
    stack.settle()
