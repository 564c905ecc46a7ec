"""Files: what they are by their bytes, and what the checks made of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SNIFF_BYTES = 64
MAX_BYTES = 100 * 1024 * 1024
KEPT = timedelta(days=7)
"""How long Meta keeps a file that a patient sent, by its media id."""


class FileKind(StrEnum):
    """The kinds of file a vault takes, named by their MIME type."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"


_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(head: bytes) -> FileKind | None:
    """Tell a file's kind from its first `SNIFF_BYTES` bytes, whatever it claims to be.

    Signatures: ISO 32000-2 §7.5.2, ITU-T T.81 B.1.1.3, RFC 2083 §3.1, RFC 9649 §2.4,
    ISO/IEC 23008-12.
    """
    if head.startswith(b"%PDF-"):
        return FileKind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return FileKind.HEIC
    return None


class Verdict(StrEnum):
    """What the checks say of a file; only the first two let it into a vault."""

    CLEAN = "clean"
    NOT_SCANNED = "not_scanned"
    WAITING = "waiting"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_KIND = "wrong_kind"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    UNSCANNABLE = "unscannable"
    INFECTED = "infected"
    EXPIRED = "expired"
    TOO_LATE = "too_late"
    FAILED = "failed"
    UNCHECKED = "unchecked"
    TOO_SLOW = "too_slow"
    HAS_SCRIPT = "has_script"
    HAS_ACTION = "has_action"
    HAS_ATTACHMENT = "has_attachment"
    HAS_MEDIA = "has_media"

    @property
    def accepted(self) -> bool:
        """Whether the file may be filed."""
        return self in (Verdict.CLEAN, Verdict.NOT_SCANNED)

    @property
    def broad(self) -> "Verdict":
        """The verdict by which every release knows this one.

        Releases run side by side: what came after the first twelve is told beside one of them.
        """
        if self is Verdict.TOO_LATE:
            return Verdict.EXPIRED
        if self is Verdict.UNCHECKED:
            return Verdict.FAILED
        return Verdict.UNSCANNABLE if self in ACTING or self is Verdict.TOO_SLOW else self

    @classmethod
    def of(cls, exact: str | None, broad: str) -> "Verdict":
        """Read what `value` and `broad` said of a file; ValueError where `broad` is unknown.

        A release before says no `exact` one, a release to come may say one that is unknown here.
        """
        return cls(exact) if exact in set(cls) else cls(broad)


ACTING = frozenset(
    {Verdict.HAS_SCRIPT, Verdict.HAS_ACTION, Verdict.HAS_ATTACHMENT, Verdict.HAS_MEDIA}
)
"""Sound PDFs that can do more than show their pages."""


class MediaState(StrEnum):
    """Where a received file stands."""

    WANTED = "wanted"
    STORED = "stored"
    CHECKED = "checked"
    FILING = "filing"
    FILED = "filed"
    LOST = "lost"
    REFUSED = "refused"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as a webhook announces it: Meta's handle to fetch it by, and what it claims to be.

    `day` is the date that its caption says, where that is not kept elsewhere.
    """

    handle: str
    mime_type: str
    sha256: str | None = None
    filename: str | None = None
    day: date | None = None


def returnable(kind: FileKind, size: int) -> bool:
    """Whether Meta takes these bytes back as they are (upload limits by MIME type)."""
    if kind is FileKind.PDF:
        return size <= MAX_BYTES
    return kind in (FileKind.JPEG, FileKind.PNG) and size <= 5 * 1024 * 1024
