"""Names under which reports go back."""

from pathlib import PurePath

from medvault.domain.media import FileKind

LONGEST = 240
"""Characters of a name that WhatsApp takes, its suffix among them."""

_SUFFIXES = {FileKind.PDF: (".pdf",), FileKind.JPEG: (".jpg", ".jpeg"), FileKind.PNG: (".png",)}


def fitting(filename: str, kind: FileKind) -> str:
    """Give a name the suffix of what goes back, and cut it to `LONGEST` characters with that."""
    name = PurePath(filename.replace("\\", "/")).name.strip() or "report"
    suffixes = _SUFFIXES[kind]
    at = len(name) - max(
        (len(suffix) for suffix in suffixes if name.lower().endswith(suffix)), default=0
    )
    stem, suffix = name[:at], name[at:] or suffixes[0]
    return f"{stem[: LONGEST - len(suffix)]}{suffix}"
