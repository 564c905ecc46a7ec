"""The service that patients come for: reports go in and come back."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest

from medvault.domain.media import FileKind
from support import pdfs, pictures
from support.corpus import scans, tiles
from support.servers.waiting import wait_until
from support.stack.filing import file_pdf, list_one, tapped, typed
from support.stack.phone import Phone, choice
from support.stack.stack import Stack

MEBIBYTE = 1024 * 1024

RETURNABLE: dict[FileKind, Callable[[], bytes]] = {
    FileKind.PDF: pdfs.scanned,
    FileKind.JPEG: pictures.jpeg,
    FileKind.PNG: pictures.png,
}
CONVERTED: dict[FileKind, tuple[str, Callable[[], bytes]]] = {
    FileKind.WEBP: ("WebP", pictures.webp),
    FileKind.HEIC: ("HEIC", pictures.heic),
    FileKind.TIFF: ("TIFF", lambda: scans.pages(1)),
}
EXCLUDED: dict[FileKind, tuple[str, Callable[[], bytes]]] = {
    FileKind.JPEG: ("JPEG", lambda: pictures.jpeg("CMYK")),
    FileKind.PNG: ("PNG", lambda: pictures.png("I;16")),
}


def large_jpeg() -> bytes:
    photo = pictures.encoded(pictures.photo((2600, 2000)), "JPEG", quality=100)
    assert len(photo) > 5 * MEBIBYTE
    return photo


@pytest.mark.parametrize("answer", [typed, tapped])
@pytest.mark.parametrize("kind", RETURNABLE)
def test_what_whatsapp_carries_comes_back_byte_for_byte(
    stack: Stack, kind: FileKind, answer: Callable[[Phone], None]
) -> None:
    phone, data = stack.phone(), RETURNABLE[kind]()
    phone.send_file(data, "report", kind, document=kind is FileKind.PDF)
    answer(phone)
    list_one(phone)
    report = phone.say("GET 1", "Lab test, City Hospital")
    assert report["mime_type"] == kind
    assert phone.download(report) == data


@pytest.mark.parametrize("answer", [typed, tapped])
@pytest.mark.parametrize("kind", CONVERTED)
def test_what_whatsapp_does_not_carry_comes_back_as_a_pdf_that_says_so(
    stack: Stack, kind: FileKind, answer: Callable[[Phone], None]
) -> None:
    phone, (name, build) = stack.phone(), CONVERTED[kind]
    phone.send_file(build(), "scan", kind)
    answer(phone)
    list_one(phone)
    report = phone.say("GET 1", f"a PDF made from your {name} file")
    assert report["filename"] == "scan.pdf"
    with pikepdf.open(BytesIO(phone.download(report))) as pdf:
        assert len(pdf.pages) == 1


@pytest.mark.parametrize("kind", EXCLUDED)
def test_what_meta_excludes_comes_back_as_a_pdf_whatever_its_name(
    stack: Stack, kind: FileKind
) -> None:
    phone, (name, build) = stack.phone(), EXCLUDED[kind]
    phone.send_file(build(), "s" * 240, kind)
    typed(phone)
    list_one(phone)
    report = phone.say("GET 1", f"a PDF made from your {name} file")
    assert report["filename"] == "s" * 236 + ".pdf"


def test_a_picture_that_comes_back_smaller_says_so(stack: Stack) -> None:
    phone = stack.phone()
    phone.send_file(tiles.grid(18, 15), "scan", FileKind.HEIC)
    typed(phone)
    list_one(phone)
    phone.say("GET 1", "a PDF made from your HEIC file at half its width and height, because")


def test_a_photo_over_5_mb_comes_back_unchanged_within_a_pdf(stack: Stack) -> None:
    phone, photo = stack.phone(), large_jpeg()
    phone.send_file(photo, "", "image/jpeg", document=False)
    typed(phone)
    list_one(phone)
    report = phone.say("GET 1", "a PDF made from your JPEG file")
    assert report["mime_type"] == "application/pdf"
    assert photo in phone.download(report)


def test_a_tap_on_the_list_brings_the_report(stack: Stack) -> None:
    phone, pdf = stack.phone(), pdfs.scanned()
    file_pdf(phone, pdf)
    listed = list_one(phone)
    report = phone.tap(choice(listed, "2 May 2019"), "Lab test, City Hospital, 2 May 2019")
    assert report["filename"] == "report.pdf"
    assert phone.download(report) == pdf


def test_a_patient_without_a_phone_number_can_do_everything(stack: Stack) -> None:
    phone, pdf = stack.phone(phone=None), pdfs.scanned()
    assert phone.number is None
    phone.say("Hello", "Welcome")
    file_pdf(phone, pdf)
    phone.say("HELP", "the front desk")
    listed = list_one(phone)
    assert phone.download(phone.say("GET 1", "City Hospital")) == pdf
    assert phone.download(phone.tap(choice(listed, "1."), "City Hospital")) == pdf


def until_asked(phone: Phone, times: int) -> None:
    """Waits until a phone was asked for a date so often: a next file may still be looked at."""

    def asked() -> bool:
        return sum("What date" in answer for answer in phone.answers()) == times

    wait_until(asked, seconds=60, what="the next question")


def test_an_album_is_asked_about_file_by_file(stack: Stack) -> None:
    phone, photos = stack.phone(), [pictures.jpeg(quality=quality) for quality in (70, 80, 90)]
    for photo in photos:
        phone.send_file(photo, "", "image/jpeg", document=False)
    for day in (1, 2, 3):
        until_asked(phone, day)
        phone.say(f"{day} May 2019", "Which hospital")
        phone.say("City Hospital", "What kind")
        phone.say("other", "Shall I file it?")
        phone.say("yes", f"{day} May 2019")
    phone.say("LIST", "1 to 3 of 3")
    back = {phone.download(phone.say(f"GET {number}", "Other, City")) for number in (1, 2, 3)}
    assert back == set(photos)


def test_patients_never_see_each_others_reports(stack: Stack) -> None:
    first, second = stack.phone(), stack.phone()
    file_pdf(first, pdfs.scanned(2))
    second.say("LIST", "Your vault is empty")
    file_pdf(second, pdfs.scanned(3))
    assert len(list_one(second)["rows"]) == 1
    assert len(list_one(first)["rows"]) == 1
    assert second.download(second.say("GET 1", "City Hospital")) == pdfs.scanned(3)
    assert first.download(first.say("GET 1", "City Hospital")) == pdfs.scanned(2)
