"""Pictures that Meta does not carry: its images have eight bits a channel, in grey or RGB."""

import io
from collections.abc import Iterable

from PIL import Image

_FORMATS = {"image/jpeg": ["JPEG"], "image/png": ["PNG"]}
_DEPTH = slice(24, 25)  # RFC 2083 §4.1.1
_DEEPEST = b"\x08"


def refused(mime_type: str, pieces: Iterable[bytes]) -> bool:
    """Whether a JPEG has four colours, or a PNG 16 bits; a file that is no picture passes."""
    if mime_type not in _FORMATS:
        return False
    content = b"".join(pieces)
    try:
        picture = Image.open(io.BytesIO(content), formats=_FORMATS[mime_type])
    except (OSError, SyntaxError, ValueError):
        return False
    return picture.mode == "CMYK" or (picture.format == "PNG" and content[_DEPTH] > _DEEPEST)
