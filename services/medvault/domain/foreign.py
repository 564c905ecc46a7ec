"""Files of kinds that no vault takes, known by their first bytes: each is answered by its name."""

import re

from medvault.domain.media import Verdict

_STARTS = {
    b"Rar!\x1a\x07": Verdict.IS_RAR,
    b"7z\xbc\xaf\x27\x1c": Verdict.IS_7Z,
    b"\x1f\x8b": Verdict.IS_GZIP,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": Verdict.IS_OLD_OFFICE,
    b"{\\rtf": Verdict.IS_RTF,
    b"8BPS": Verdict.IS_PHOTOSHOP,
    b"\xff\x0a": Verdict.IS_JPEG_XL,
    b"\0\0\0\x0cJXL \r\n\x87\n": Verdict.IS_JPEG_XL,
    b"\0\0\0\x0cjP  \r\n\x87\n": Verdict.IS_JPEG_2000,
    b"\xff\x4f\xff\x51": Verdict.IS_JPEG_2000,
    b"\x1a\x45\xdf\xa3": Verdict.IS_VIDEO,
    b"\0\0\x01\xba": Verdict.IS_VIDEO,
    b"OggS": Verdict.IS_SOUND,
    b"ID3": Verdict.IS_SOUND,
    b"fLaC": Verdict.IS_SOUND,
    b"#!AMR": Verdict.IS_SOUND,
    b"MZ\x90\0": Verdict.IS_PROGRAM,
    b"\x7fELF": Verdict.IS_PROGRAM,
}
_SOUND_FRAMES = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9")
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"F4A ")
_RIFF = {b"WAVE": Verdict.IS_SOUND, b"AVI ": Verdict.IS_VIDEO}
_PACKED = {
    b"word/": Verdict.IS_WORD,
    b"xl/": Verdict.IS_EXCEL,
    b"ppt/": Verdict.IS_POWERPOINT,
    b"mimetypeapplication/vnd.oasis.opendocument": Verdict.IS_OPEN_DOCUMENT,
}
"""How a member's name begins (APPNOTE.TXT 4.4.17); one called mimetype has its content next."""
_MEMBER = re.compile(rb"PK\x03\x04.{26}(.{48})", re.DOTALL)
_WORDS = {
    b"begin:vcard": Verdict.IS_CONTACT,
    b"begin:vcalendar": Verdict.IS_CALENDAR,
    b"<!doctype html": Verdict.IS_WEB_PAGE,
    b"<html": Verdict.IS_WEB_PAGE,
    b"<svg": Verdict.IS_DRAWING,
    b"<?xml": Verdict.IS_XML,
    b"mime-version:": Verdict.IS_MAIL,
    b"received: from": Verdict.IS_MAIL,
    b"return-path:": Verdict.IS_MAIL,
}
_BLANK = b"\xef\xbb\xbf \t\r\n"
_DICOM = slice(128, 132)  # DICOM PS3.10 §7.1
_TAR = slice(257, 262)
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")


def named(head: bytes) -> Verdict:
    """Tell what a file is whose kind no vault takes; `WRONG_KIND` for what is not known here."""
    for start, verdict in _STARTS.items():
        if head.startswith(start):
            return verdict
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _packed(head)
    if head[_DICOM] == b"DICM":
        return Verdict.IS_DICOM
    if head[_TAR] == b"ustar":
        return Verdict.IS_TAR
    if head[4:8] == b"ftyp":
        return Verdict.IS_SOUND if head[8:12] in _SOUND_BRANDS else Verdict.IS_VIDEO
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], Verdict.WRONG_KIND)
    return Verdict.IS_SOUND if head.startswith(_SOUND_FRAMES) else _written(head)


def _packed(head: bytes) -> Verdict:
    for member in _MEMBER.finditer(head):
        for start, verdict in _PACKED.items():
            if member[1].startswith(start):
                return verdict
    return Verdict.IS_ZIP


def _written(head: bytes) -> Verdict:
    text = head.lstrip(_BLANK).lower()
    for start, verdict in _WORDS.items():
        if text.startswith(start):
            page = verdict is Verdict.IS_XML and b"<html" in text
            drawing = verdict is Verdict.IS_XML and b"<svg" in text
            return Verdict.IS_WEB_PAGE if page else Verdict.IS_DRAWING if drawing else verdict
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # else the last character is cut
            return Verdict.WRONG_KIND
    return Verdict.IS_TEXT if text and not _CONTROL.search(head) else Verdict.WRONG_KIND
