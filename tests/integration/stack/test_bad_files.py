"""Files that can't be kept: the patient is told why, and nothing of them stays."""

import pytest

from medvault.domain.media import Verdict
from medvault.domain.saying.verdicts import KEPT_WITHOUT
from support import hostile, other_reader, pdfs, pictures
from support.corpus.others import OTHERS
from support.servers.clamd import EICAR
from support.servers.waiting import wait_until
from support.stack.filing import answered, list_one, typed
from support.stack.stack import Stack

MEBIBYTE = 1024 * 1024

REFUSED = {
    "a zero-byte file": (b"", Verdict.EMPTY, "is empty"),
    "a text named .pdf": (b"Haemoglobin 13.5", Verdict.IS_TEXT, "is a plain text file"),
    "noise named .pdf": (pdfs.noise(99), Verdict.WRONG_KIND, "something else, whatever its"),
    "a film named .pdf": (OTHERS["mp4"][1](), Verdict.IS_VIDEO, "is a video, and no report"),
    "an encrypted PDF": (pdfs.locked("secret", 6), Verdict.ENCRYPTED, "locked with a password"),
    "a broken PDF": (pdfs.scanned()[:900], Verdict.DAMAGED, "damaged and can't be opened"),
    "EICAR in a PDF": (pdfs.scanned() + EICAR, Verdict.INFECTED, "something harmful"),
}


@pytest.mark.parametrize(("data", "verdict", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_can_not_be_kept_is_refused_with_the_reason(
    stack: Stack, data: bytes, verdict: Verdict, told: str
) -> None:
    phone = stack.phone()
    with stack.media.counting("media_checked_total", verdict=verdict):
        phone.send_file(data, "report.pdf", "application/pdf")
        phone.answer(told)
    stack.settle()
    assert not stack.vault.incoming(phone)
    assert stack.vault.audit(phone) == ["file.received", "file.refused"]
    phone.say("LIST", "Your vault is empty")


def test_a_script_is_taken_away_and_the_original_never_leaves(stack: Stack) -> None:
    phone = stack.phone()
    acting = pdfs.with_root(OpenAction=hostile.script())
    phone.send_file(acting, "report.pdf", "application/pdf")
    phone.answer(KEPT_WITHOUT[Verdict.HAS_SCRIPT])
    answered(phone)
    list_one(phone)
    copy = phone.download(phone.say("GET 1", "City Hospital"))
    assert copy == hostile.disarmed(acting)
    assert other_reader.acting(acting)
    assert not other_reader.acting(copy)
    assert other_reader.pages(copy) == other_reader.pages(acting)
    assert "".join(phone.answers()).count(KEPT_WITHOUT[Verdict.HAS_SCRIPT]) == 1
    stack.settle()
    [report] = stack.vault.reports(phone)
    assert not stack.vault.incoming(phone)
    assert b"%PDF-" not in stack.vault.content(f"reports/{report}-original")


def test_a_png_named_pdf_is_filed_as_what_it_is(stack: Stack) -> None:
    phone = stack.phone()
    phone.send_file(pictures.png(), "scan.pdf", "application/pdf")
    typed(phone)
    list_one(phone)
    report = phone.say("GET 1", "City Hospital")
    assert report["mime_type"] == "image/png"
    assert phone.download(report) == pictures.png()


def test_a_file_over_100_mb_is_refused_without_being_fetched(stack: Stack) -> None:
    phone = stack.phone()
    with stack.inbound.counting("messages_handled_total", outcome="done"):
        phone.send_file(b"%PDF-1.7\n" + bytes(100 * MEBIBYTE), "huge.pdf", "application/pdf")
        phone.answer("That file is over 100 MB")
    stack.settle()
    assert not stack.vault.media(phone)


def test_a_file_that_whatsapp_has_forgotten_is_asked_for_again(stack: Stack) -> None:
    phone = stack.phone()
    with (
        stack.media.counting("media_checked_total", verdict=Verdict.EXPIRED),
        stack.meta.faults(delay={"milliseconds": 60_000, "only": "messages"}),
    ):
        phone.send_file(pdfs.scanned(), "report.pdf", "application/pdf")
        stack.meta.control("POST", f"/media/{phone.chat()[-1]['media_id']}/expire")
    phone.answer("WhatsApp no longer has that file")
    stack.settle()


def test_a_refused_file_does_not_stop_the_one_behind_it(stack: Stack) -> None:
    phone = stack.phone()
    phone.send_file(b"no report", "notes.pdf", "application/pdf")
    phone.send_file(pdfs.scanned(), "report.pdf", "application/pdf")
    phone.answer("About “notes.pdf”")
    wait_until(lambda: "What date" in "".join(phone.answers()), seconds=10, what="question")
    phone.say("2 May 2019", "Which hospital")
