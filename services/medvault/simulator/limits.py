"""The sizes Meta allows: characters of a message, bytes of a file."""

from medvault.simulator.errors import invalid, missing

TEXT_BODY = 4096
CAPTION = 1024
INTERACTIVE_BODY = 1024
HEADER_TEXT = 60
FOOTER_TEXT = 60
BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256
LIST_BUTTON = 20
LIST_SECTIONS = 10
LIST_ROWS = 10
SECTION_TITLE = 24
ROW_TITLE = 24
ROW_DESCRIPTION = 72
ROW_ID = 200
OPAQUE_DATA = 512

MEBIBYTE = 1024 * 1024
INBOUND_FILE = 100 * MEBIBYTE
DOCUMENT_FILE = 100 * MEBIBYTE
IMAGE_FILE = 5 * MEBIBYTE
STREAM_FILE = 16 * MEBIBYTE
STICKER_FILE = 500 * 1024

_OFFICE = "application/vnd.openxmlformats-officedocument"
_IMAGES = frozenset({"image/jpeg", "image/png"})
_STICKERS = frozenset({"image/webp"})
_VIDEOS = frozenset({"video/mp4", "video/3gp", "video/3gpp"})
_AUDIO = frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"})
_DOCUMENTS = frozenset(
    {
        "application/pdf",
        "text/plain",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        f"{_OFFICE}.wordprocessingml.document",
        f"{_OFFICE}.spreadsheetml.sheet",
        f"{_OFFICE}.presentationml.presentation",
    }
)
UPLOAD_BYTES: dict[str, int] = {
    **dict.fromkeys(_DOCUMENTS, DOCUMENT_FILE),
    **dict.fromkeys(_IMAGES, IMAGE_FILE),
    **dict.fromkeys(_VIDEOS | _AUDIO, STREAM_FILE),
    **dict.fromkeys(_STICKERS, STICKER_FILE),
}
SENDABLE: dict[str, frozenset[str]] = {
    "document": frozenset(UPLOAD_BYTES) - _STICKERS,
    "image": _IMAGES,
    "video": _VIDEOS,
    "audio": _AUDIO,
    "sticker": _STICKERS,
}


def base_type(mime_type: str) -> str:
    """The MIME type without its parameters, in lower case."""
    return mime_type.partition(";")[0].strip().lower()


def text(value: object, name: str, longest: int) -> str:
    """A non-empty string of at most `longest` characters.

    Raises:
        GraphError: 131008 when it is absent or empty, 131009 when it is no string or too long.
    """
    if value is None or value == "":
        raise missing(name)
    if not isinstance(value, str):
        raise invalid(f"Param {name} must be a string.")
    if len(value) > longest:
        raise invalid(f"Param {name} must be at most {longest} characters long.")
    return value


def optional_text(value: object, name: str, longest: int) -> str | None:
    """As `text`, but it may be absent."""
    return None if value is None else text(value, name, longest)
