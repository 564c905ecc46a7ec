"""Whether a file is mere data: nothing happens when somebody opens it.

Its content, its name and its declared type must all say so, for each of them decides somewhere
what opens a file: a viewer of PDF goes by the type, a desktop by the name, a program by the bytes.
"""

import codecs
import re
from collections.abc import Sequence

from medvault.adapters.sandbox import polyglot, xml_data

_ENDINGS = {
    *("xml", "json", "csv", "tsv", "txt", "text", "hl7", "ldt", "gdt", "bdt", "cda", "edi"),
    *("pdf", "jpg", "jpeg", "png"),
}
_TABLES = {"csv", "tsv"}
_TYPES = {
    *("", "application/octet-stream", "application/pdf", "image/jpeg", "image/png"),
    *("text/plain", "text/csv", "text/tab-separated-values", "text/xml", "text/json"),
    *("application/xml", "application/json", "application/edi-x12", "application/edifact"),
    *("application/hl7-v2", "x-application/hl7-v2+er7"),
}
_OF_THE_WEB = re.compile(r".*/(xhtml|svg|xslt|mathml|vnd\.mozilla\.xul|rss|atom)\+xml")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1d-\x1f]")  # HL7 frames with VT and FS
_BEGINNINGS = (
    *("#!", "{\\rtf", "%!ps", "@echo", "[internetshortcut]", "[autorun]", "[desktop entry]"),
    *("windows registry editor", "regedit4", "mime-version:", "id;p"),
)
# In the box nothing can be imported. XML says its encoding itself; these are what senders use.
for _encoding in (
    *("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "iso-8859-2", "iso-8859-9"),
    *("iso-8859-15", "cp1250", "cp1251", "cp1252", "cp1254"),
):
    codecs.lookup(_encoding)
_TURNING = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")  # a name that reads backwards
# A cell that a spreadsheet computes; a result such as +3, -ve or "+ (weak)" is none.
_FORMULA = re.compile(r"""(?m)(?:^|[,;\t])[ "']*(?:[=@][^,;\n]*[(|!]|[+-][^,;\n]*(?:\||\w\())""")


def is_data_type(declared: str) -> bool:
    """Whether a MIME type, as an embedded file declares it, is that of data."""
    kind = declared.partition(";")[0].strip().lower()
    structured = kind.endswith(("+json", "+xml")) and not _OF_THE_WEB.fullmatch(kind)
    return kind in _TYPES or structured


def is_data_name(name: str) -> bool:
    """Whether a file so called is opened as data, and is no place elsewhere."""
    if name.startswith(("\\\\", "//")) or "://" in name or _TURNING.search(name):
        return False
    *folders, last = re.split(r"[\\/]", name)
    # A colon ends a name on some systems, and begins a hidden stream on others.
    return ".." not in folders and all(_is_data_ending(_ending(part)) for part in last.split(":"))


def _ending(name: str) -> str:
    """Return the ending that a desktop takes for the kind: it overlooks dots and spaces behind."""
    found = re.search(r"\.([^.\s]{1,12})$", name.rstrip(". "))
    return found[1].lower() if found else ""


def _is_data_ending(ending: str) -> bool:
    return not ending or ending.isdecimal() or ending in _ENDINGS


def is_data(content: bytes, names: Sequence[str]) -> bool:
    """Whether these bytes are text, well-formed XML, or a picture, and nothing that runs."""
    if polyglot.holds_archive(content):
        return False
    if content.startswith(_PICTURES):
        return True
    text = _text(content)
    if text is None:
        return False
    start = text.lstrip("\ufeff \t\r\n\v\f")
    if start.startswith("<"):
        return xml_data.is_data(content)
    lower = start.lower()
    if lower.startswith(_BEGINNINGS) or "<script" in lower:
        return False
    table = any(_ending(each) in _TABLES for each in names)
    return not (table and _FORMULA.search(text))


def _text(content: bytes) -> str | None:
    if content.startswith((b"\xfe\xff", b"\xff\xfe")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "latin-1"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _CONTROL.search(text) else text
    return None
