"""Where a file lies and what the audit says, from its arrival to its end."""

from datetime import timedelta

from medvault.domain.conversation.state import SESSION_LIFETIME
from support import pdfs
from support.servers.waiting import wait_until
from support.stack.filing import asked_for_date, file_pdf, list_one
from support.stack.stack import Stack


def test_a_filed_report_lies_sealed_under_its_own_key_and_nowhere_else(stack: Stack) -> None:
    phone = stack.phone()
    file_pdf(phone, pdfs.scanned())
    stack.settle()
    (report,), (media,) = stack.vault.reports(phone), stack.vault.media(phone)
    keys = stack.vault.bucket.keys()
    assert f"reports/{report}" in keys
    assert f"incoming/{media}" not in keys
    sealed = stack.vault.content(f"reports/{report}")
    assert len(sealed) > len(pdfs.scanned())
    assert b"%PDF-" not in sealed
    assert pdfs.TEXT not in sealed


def test_a_file_is_sealed_while_its_patient_is_asked(stack: Stack) -> None:
    phone = stack.phone()
    asked_for_date(phone, pdfs.scanned())
    (key,) = stack.vault.incoming(phone)
    assert b"%PDF-" not in stack.vault.content(key)


def test_cancel_leaves_nothing_of_the_file(stack: Stack) -> None:
    phone = stack.phone()
    asked_for_date(phone, pdfs.scanned())
    phone.say("2 May 2019", "Which hospital")
    phone.say("CANCEL", "Cancelled. I did not keep that file.")
    stack.settle()
    assert not stack.vault.incoming(phone)
    assert not stack.vault.reports(phone)
    assert stack.vault.audit(phone) == ["file.received"]


def test_the_audit_tells_of_filing_listing_sending_in_order(stack: Stack) -> None:
    phone = stack.phone()
    file_pdf(phone, pdfs.scanned())
    list_one(phone)
    phone.say("GET 1", "City Hospital")
    stack.settle()
    assert stack.vault.audit(phone) == [
        "file.received",
        "report.filing",
        "report.filed",
        "reports.listed",
        "report.requested",
        "report.uploaded",
        "report.sent",
    ]


def test_a_patient_who_does_not_answer_is_told_and_the_file_goes(stack: Stack) -> None:
    phone = stack.phone()
    asked_for_date(phone, pdfs.scanned())
    stack.vault.let_time_pass(phone, SESSION_LIFETIME)
    phone.answer("I waited 30 minutes for your answer")
    stack.settle()
    assert not stack.vault.incoming(phone)
    assert stack.vault.audit(phone) == ["file.received", "session.ended"]
    phone.say("2 May 2019", "Send a photo or PDF")


def test_whoever_writes_in_time_is_not_timed_out(stack: Stack) -> None:
    phone = stack.phone()
    asked_for_date(phone, pdfs.scanned())
    stack.vault.let_time_pass(phone, SESSION_LIFETIME - timedelta(seconds=3))
    phone.say("2 May 2019", "Which hospital")
    left = "SELECT rings_at - now() FROM timers WHERE patient_id = %s"
    patient = str(stack.vault.patient(phone))
    set_anew = SESSION_LIFETIME - timedelta(minutes=1)
    wait_until(
        lambda: [set_anew < time for time in stack.vault.tables.column(left, patient)] == [True],
        seconds=30,
        what="the timer, which rings for a deadline that has moved, and is set anew",
    )
    phone.say("City", "What kind of report")
