"""Whether a picture can be read to its end, and how large it would be."""

import importlib
from typing import BinaryIO

from PIL import Image

from medvault.domain.media import FileKind, Verdict

MEGAPIXEL = 1_000_000
MAX_PIXELS = {
    # The largest phone cameras; decoded at an eighth of its size, so cheap.
    FileKind.JPEG: 202 * MEGAPIXEL,
    # A4 at 1000 dpi. Measured bytes a pixel: PNG 4, HEIC 8, WebP 16; so all stay below 512 MB.
    FileKind.PNG: 100 * MEGAPIXEL,
    FileKind.WEBP: 25 * MEGAPIXEL,
    FileKind.HEIC: 65 * MEGAPIXEL,
}
_FORMATS = {
    FileKind.JPEG: ["JPEG"],
    FileKind.PNG: ["PNG"],
    FileKind.WEBP: ["WEBP"],
    FileKind.HEIC: ["HEIF"],
}
_EXIF = "TiffImagePlugin"
_ALSO = {
    FileKind.JPEG: [_EXIF, "MpoImagePlugin"],
    FileKind.PNG: [_EXIF],
    FileKind.WEBP: [_EXIF, "WebPImagePlugin"],
    FileKind.HEIC: [_EXIF],
}
"""What Pillow imports only when it meets it."""


def prepare(kind: FileKind) -> None:
    """Import what reads this kind of picture: once a box is shut, nothing can be."""
    Image.preinit()
    for name in _ALSO.get(kind, []):
        importlib.import_module(f"PIL.{name}")
    if kind is FileKind.HEIC:
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)


def open_picture(file: BinaryIO, kind: FileKind) -> Image.Image:
    """Open without decoding; raises OSError or SyntaxError on a file that is no such picture.

    `prepare` comes first.
    """
    Image.MAX_IMAGE_PIXELS = None  # Pillow only warns; `MAX_PIXELS` refuses
    return Image.open(file, formats=_FORMATS[kind])


def objection(file: BinaryIO, kind: FileKind) -> Verdict | None:
    """`DAMAGED` where the picture can't be read to its end, `UNSCANNABLE` if it's too large.

    Only the first frame counts. What follows the picture, such as a phone's motion photo, is
    left to the virus scanner.
    """
    try:
        picture = open_picture(file, kind)
        if picture.width * picture.height > MAX_PIXELS[kind]:
            return Verdict.UNSCANNABLE
        picture.draft(picture.mode, (picture.width // 8, picture.height // 8))
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError):
        return Verdict.DAMAGED
    return None
