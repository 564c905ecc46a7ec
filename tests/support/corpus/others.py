"""Files of kinds that no vault takes, as the programs write them that people have."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable

from medvault.domain.media import Verdict

_OFFICE = '<?xml version="1.0" encoding="UTF-8"?><Types>' + "<Override/>" * 99 + "</Types>"


def _zip(*members: str, stored: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.writestr(member, _OFFICE)
        if stored:
            archive.writestr(zipfile.ZipInfo("mimetype"), stored)
    return file.getvalue()


def _office(folder: str) -> bytes:
    return _zip("[Content_Types].xml", "_rels/.rels", "docProps/app.xml", f"{folder}/document.xml")


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("report.pdf"))
    return file.getvalue()


def _film(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\x02\0isommp42"


OTHERS: dict[str, tuple[Verdict, Callable[[], bytes]]] = {
    "zip": (Verdict.IS_ZIP, lambda: _zip("a.pdf", "word.pdf")),
    "empty zip": (Verdict.IS_ZIP, _zip),
    "rar": (Verdict.IS_RAR, lambda: b"Rar!\x1a\x07\x01\0" + bytes(99)),
    "7z": (Verdict.IS_7Z, lambda: b"7z\xbc\xaf\x27\x1c\0\4" + bytes(99)),
    "gzip": (Verdict.IS_GZIP, lambda: gzip.compress(b"report")),
    "tar": (Verdict.IS_TAR, _tar),
    "docx": (Verdict.IS_WORD, lambda: _office("word")),
    "xlsx": (Verdict.IS_EXCEL, lambda: _office("xl")),
    "pptx": (Verdict.IS_POWERPOINT, lambda: _office("ppt")),
    "odt": (
        Verdict.IS_OPEN_DOCUMENT,
        lambda: _zip(stored="application/vnd.oasis.opendocument.text"),
    ),
    "doc": (Verdict.IS_OLD_OFFICE, lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)),
    "rtf": (Verdict.IS_RTF, lambda: b"{\\rtf1\\ansi report}"),
    "web page": (Verdict.IS_WEB_PAGE, lambda: b"\n <!DOCTYPE html><html></html>"),
    "old web page": (Verdict.IS_WEB_PAGE, lambda: b"<HTML><body>report</body></HTML>"),
    "xhtml": (Verdict.IS_WEB_PAGE, lambda: b'<?xml version="1.0"?>\n<html xmlns=""/>'),
    "mail": (Verdict.IS_MAIL, lambda: b"Received: from mail.example.org\r\n\r\nreport"),
    "text": (Verdict.IS_TEXT, lambda: "Hämoglobin 14.1 g/dl\n".encode() * 400),
    "text of other letters": (Verdict.IS_TEXT, lambda: "हीमोग्लोबिन १४\n".encode() * 400),
    "xml": (Verdict.IS_XML, lambda: b'\xef\xbb\xbf<?xml version="1.0"?><ClinicalDocument/>'),
    "contact": (Verdict.IS_CONTACT, lambda: b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n"),
    "calendar": (Verdict.IS_CALENDAR, lambda: b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    "dicom": (Verdict.IS_DICOM, lambda: bytes(128) + b"DICM" + bytes(64)),
    "mp4": (Verdict.IS_VIDEO, lambda: _film(b"mp42")),
    "mov": (Verdict.IS_VIDEO, lambda: _film(b"qt  ")),
    "3gp": (Verdict.IS_VIDEO, lambda: _film(b"3gp4")),
    "webm": (Verdict.IS_VIDEO, lambda: b"\x1a\x45\xdf\xa3" + bytes(40)),
    "avi": (Verdict.IS_VIDEO, lambda: b"RIFF\x10\0\0\0AVI LIST" + bytes(40)),
    "m4a": (Verdict.IS_SOUND, lambda: _film(b"M4A ")),
    "mp3": (Verdict.IS_SOUND, lambda: b"ID3\x04\0\0\0\0\0\0" + bytes(40)),
    "mp3 without tags": (Verdict.IS_SOUND, lambda: b"\xff\xfb\x90\x64" + bytes(40)),
    "voice note": (Verdict.IS_SOUND, lambda: b"OggS\0\2" + bytes(40)),
    "wave": (Verdict.IS_SOUND, lambda: b"RIFF\x10\0\0\0WAVEfmt " + bytes(40)),
    "amr": (Verdict.IS_SOUND, lambda: b"#!AMR\n" + bytes(40)),
    "jpeg xl": (Verdict.IS_JPEG_XL, lambda: b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40)),
    "jpeg 2000": (Verdict.IS_JPEG_2000, lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40)),
    "photoshop": (Verdict.IS_PHOTOSHOP, lambda: b"8BPS\0\1" + bytes(40)),
    "drawing": (Verdict.IS_DRAWING, lambda: b'<?xml version="1.0"?>\n<svg/>'),
    "program": (Verdict.IS_PROGRAM, lambda: b"MZ\x90\0" + bytes(99)),
    "noise": (Verdict.WRONG_KIND, lambda: b"\x91\x02\xfe\xff\x81" * 999),
    "riff of something": (Verdict.WRONG_KIND, lambda: b"RIFF\x10\0\0\0RMID" + bytes(40)),
}
