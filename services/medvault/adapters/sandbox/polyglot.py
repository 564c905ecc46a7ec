"""Files that are two at once: one program shows them, another one unpacks or starts them."""

import re
import struct

from medvault.domain.media import before_pdf

_ARCHIVE_END = b"PK\x05\x06"
_ARCHIVE_TAIL = 22 + 0xFFFF  # APPNOTE.TXT 4.3.16: the record and the longest comment
_TAIL = 4096
_BLANK = b"\0 \t\r\n\f\x1a"
_UNPRINTED = re.compile(rb"[\0-\x08\x0e-\x1f]")
_PROGRAMS = (b"mz", b"\x7felf", b"#!")
_MARKUP = (b"<script", b"<hta:", b"<?php", b"<%", b"<svg")
_HEADER = re.compile(rb"%PDF-\d")


def holds_archive(content: bytes) -> bool:
    """Whether a ZIP ends here: unpackers read such a file from its end, whatever comes before."""
    at = content.rfind(_ARCHIVE_END, max(0, len(content) - _ARCHIVE_TAIL))
    while at >= 0:
        record = content[at : at + 22]
        if len(record) == 22 and at + 22 + struct.unpack_from("<H", record, 20)[0] <= len(content):
            return True
        at = content.rfind(_ARCHIVE_END, max(0, len(content) - _ARCHIVE_TAIL), at)
    return False


def hides(content: bytes) -> bool:
    """Whether a PDF is also another file, or has another one before or behind it.

    Servers and mail gateways add a few words or zeros; that much may come along.
    """
    start = before_pdf(content) or 0
    return (
        holds_archive(content)
        or _is_preceded(content[:start])
        or _is_followed(content)
        or _begins_again(content, start + 1)
    )


def _is_preceded(head: bytes) -> bool:
    if _is_macbinary(head):
        return False
    text = head.strip(_BLANK)
    return _acts(text) or _UNPRINTED.search(text) is not None


def _is_macbinary(head: bytes) -> bool:
    """MacBinary II puts 128 bytes before a document: its name, its kind, and the lengths."""
    return len(head) == 128 and 1 <= head[1] <= 63 and not (head[0] or head[74] or head[82])


def _acts(text: bytes) -> bool:
    lower = text.lower()
    return lower.startswith(_PROGRAMS) or any(each in lower for each in _MARKUP)


def _is_followed(content: bytes) -> bool:
    end = content.rfind(b"%%EOF")
    if end < content.rfind(b"endobj"):  # a PDF without its own end
        return False
    tail = content[end + 5 :].strip(_BLANK)
    return _acts(tail) or len(tail) > _TAIL or _UNPRINTED.search(tail) is not None


def _begins_again(content: bytes, start: int) -> bool:
    """Whether another header stands outside of every stream."""
    for header in _HEADER.finditer(content, start):
        at = header.start()
        if content[at - 1 : at] not in (b"\n", b"\r"):
            continue
        opened = content.rfind(b"stream", 0, at)
        within = opened >= 0 and content[opened - 3 : opened] != b"end"
        ended = content.rfind(b"%%EOF", max(opened, 0), at)
        if not within or ended >= 0:
            return True
    return False
