"""Files: their kinds, by their bytes, and the verdicts of the checks on them."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_BEFORE_PDF = 1024
"""Bytes that may stand before a PDF's header: a line, a mark, what a server or Macintosh added."""

SNIFF_BYTES = 4096
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
    AVIF = "image/avif"
    TIFF = "image/tiff"
    GIF = "image/gif"
    BMP = "image/bmp"


_PDF = b"%PDF-"
_NO_PDF = (
    *(b"PK", b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"GIF8"),
    *(b"II*\0", b"MM\0*", b"RIFF", b"#!", b"%!", b"<"),
)
"""Beginnings of other kinds of files though a PDF's header follows, as in a ZIP that holds one."""
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
    *(b"mif1", b"msf1", b"heif", b"mif2", b"1pic"),
}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}


def sniff(head: bytes) -> FileKind | None:
    """Tell a file's kind from its first `SNIFF_BYTES` bytes, whatever it claims to be.

    Signatures: ISO 32000-2 §7.5.2 (what may stand before: Adobe's PDF Reference 1.7, H.3 note 13),
    ITU-T T.81 B.1.1.3, RFC 2083 §3.1, RFC 9649 §2.4, ISO/IEC 23008-12, AV1 Image File Format §8,
    TIFF 6.0 §2, GIF89a §17, BITMAPFILEHEADER.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head.startswith(_TIFF):
        return FileKind.TIFF
    if head.startswith((b"GIF87a", b"GIF89a")):
        return FileKind.GIF
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return FileKind.BMP
    return FileKind.PDF if before_pdf(head) is not None else None


def before_pdf(head: bytes) -> int | None:
    """Return how many bytes stand before a PDF's header; None where it is no PDF."""
    if head.startswith(_PDF):
        return 0
    at = head.find(_PDF, 0, MOST_BEFORE_PDF + len(_PDF))
    is_other = head.lstrip().startswith(_NO_PDF) or head[128:132] == b"DICM"
    return None if at < 0 or is_other else at


def _by_brand(head: bytes) -> FileKind | None:
    """Tell a HEIC or AVIF by its main brand; one of any picture says more among the others."""
    major, end = head[8:12], int.from_bytes(head[:4], "big")
    others = {head[at : at + 4] for at in range(16, min(end, len(head)), 4)}
    if major in _AVIF_BRANDS or (major in _HEIC_BRANDS and others & _AVIF_BRANDS):
        return FileKind.AVIF
    return FileKind.HEIC if major in _HEIC_BRANDS else None


class Verdict(StrEnum):
    """The checks' verdict on a file; only the first two let it into a vault."""

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
    LOCKED_BY_CERTIFICATE = "locked_by_certificate"
    DYNAMIC_FORM = "dynamic_form"
    PORTFOLIO = "portfolio"
    TOO_SLOW = "too_slow"
    HAS_SCRIPT = "has_script"
    HAS_ACTION = "has_action"
    HAS_ATTACHMENT = "has_attachment"
    HAS_MEDIA = "has_media"
    TOO_MANY_PIXELS = "too_many_pixels"
    IS_ZIP = "is_zip"
    IS_RAR = "is_rar"
    IS_7Z = "is_7z"
    IS_GZIP = "is_gzip"
    IS_TAR = "is_tar"
    IS_WORD = "is_word"
    IS_EXCEL = "is_excel"
    IS_POWERPOINT = "is_powerpoint"
    IS_OPEN_DOCUMENT = "is_open_document"
    IS_OLD_OFFICE = "is_old_office"
    IS_RTF = "is_rtf"
    IS_WEB_PAGE = "is_web_page"
    IS_MAIL = "is_mail"
    IS_TEXT = "is_text"
    IS_XML = "is_xml"
    IS_CONTACT = "is_contact"
    IS_CALENDAR = "is_calendar"
    IS_DICOM = "is_dicom"
    IS_VIDEO = "is_video"
    IS_SOUND = "is_sound"
    IS_RAW_PHOTO = "is_raw_photo"
    IS_JPEG_XL = "is_jpeg_xl"
    IS_JPEG_2000 = "is_jpeg_2000"
    IS_PHOTOSHOP = "is_photoshop"
    IS_DRAWING = "is_drawing"
    IS_PROGRAM = "is_program"

    @property
    def accepted(self) -> bool:
        """Whether the file may be filed."""
        return self in (Verdict.CLEAN, Verdict.NOT_SCANNED)

    @property
    def broad(self) -> "Verdict":
        """The verdict by which every release knows this one.

        Releases run side by side: a verdict that came after the first twelve is told beside one of
        them.
        """
        return Verdict.WRONG_KIND if self in FOREIGN else _BROAD.get(self, self)

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

FOREIGN = frozenset(verdict for verdict in Verdict if verdict.startswith("is_"))
"""Files of kinds that no vault takes, by their names."""

_BROAD = {
    Verdict.TOO_LATE: Verdict.EXPIRED,
    Verdict.UNCHECKED: Verdict.FAILED,
    Verdict.TOO_MANY_PIXELS: Verdict.UNSCANNABLE,
    Verdict.TOO_SLOW: Verdict.UNSCANNABLE,
    Verdict.LOCKED_BY_CERTIFICATE: Verdict.ENCRYPTED,
    **dict.fromkeys((*ACTING, Verdict.DYNAMIC_FORM, Verdict.PORTFOLIO), Verdict.UNSCANNABLE),
}


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
    """Whether Meta may take these bytes back as they are (upload limits by MIME type).

    A picture's colours decide too, which its bytes tell.
    """
    if kind is FileKind.PDF:
        return size <= MAX_BYTES
    return kind in (FileKind.JPEG, FileKind.PNG) and size <= 5 * 1024 * 1024
