"""Whether a picture can be read to its end, and how large it would be."""

import importlib
import io
from typing import BinaryIO

from PIL import AvifImagePlugin, Image, PngImagePlugin

from medvault.adapters.sandbox import heif_tiles, jpeg_ends, png_chunks
from medvault.domain.media import FileKind, Verdict

MEGAPIXEL = 1_000_000
MAX_PIXELS = {
    # The largest phone cameras; decoded at an eighth of its size, so cheap.
    FileKind.JPEG: 202 * MEGAPIXEL,
    # The same cameras, tile by tile.
    FileKind.HEIC: 202 * MEGAPIXEL,
    # A4 at 1000 dpi.
    FileKind.PNG: 100 * MEGAPIXEL,
    FileKind.TIFF: 100 * MEGAPIXEL,
    FileKind.BMP: 100 * MEGAPIXEL,
    FileKind.GIF: 50 * MEGAPIXEL,
    FileKind.WEBP: 50 * MEGAPIXEL,
    FileKind.AVIF: 65 * MEGAPIXEL,
}
MAX_WHOLE = 65 * MEGAPIXEL
"""The largest HEIC, or tile of one, that is decoded at once, at eight bytes a pixel."""

UNREADABLE = (OSError, SyntaxError, ValueError, EOFError)
"""Raised for pictures that are damaged."""

_FORMATS = {kind: [kind.name] for kind in FileKind} | {FileKind.HEIC: ["HEIF"]}
_PLUGINS = {
    FileKind.JPEG: ["MpoImagePlugin"],
    FileKind.WEBP: ["WebPImagePlugin"],
}
_BRAND = slice(8, 12)
_UNKNOWN_BRANDS = (b"heif", b"mif2", b"1pic")
_BITS = 8
_PLAIN = ("L", "RGB")
_EXIF = "TiffImagePlugin"
_WRITERS = ("JpegImagePlugin", "PngImagePlugin")


class Refused(Exception):
    """A picture that is not damaged, and can't be kept for another reason."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict


REFUSED = (Refused, *UNREADABLE)
"""Raised for whatever can't be kept."""


def prepare(kind: FileKind) -> None:
    """Import what reads this kind of picture: once a box is shut, nothing can be."""
    Image.preinit()
    for name in (_EXIF, *_WRITERS, *_PLUGINS.get(kind, [])):
        importlib.import_module(f"PIL.{name}")
    PngImagePlugin.MAX_TEXT_CHUNK = png_chunks.MOST_NOTES
    if kind is FileKind.AVIF:
        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    if kind is FileKind.HEIC:
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
        heif_tiles.prepare()


def open_picture(file: BinaryIO, kind: FileKind) -> Image.Image:
    """Open without decoding; raises one of `UNREADABLE` on a file that is no such picture.

    `prepare` comes first. Raises `Refused` where the first frame is beyond `MAX_PIXELS`.
    """
    Image.MAX_IMAGE_PIXELS = None  # Pillow only warns
    if kind is FileKind.HEIC:
        file = _by_known_brand(file)
    picture = Image.open(file, formats=_FORMATS[kind])
    require_pixels(picture, kind)
    return picture


def verdict(error: Exception) -> Verdict:
    """Say what one of `REFUSED` means for a file."""
    return error.verdict if isinstance(error, Refused) else Verdict.DAMAGED


def _by_known_brand(file: BinaryIO) -> BinaryIO:
    """Rename a HEIF whose main brand pillow_heif does not know: libheif goes by the others."""
    file.seek(0)
    if file.read(_BRAND.stop)[_BRAND] not in _UNKNOWN_BRANDS:
        return file
    file.seek(0)
    content = file.read()
    return io.BytesIO(content[: _BRAND.start] + b"mif1" + content[_BRAND.stop :])


def require_pixels(picture: Image.Image, kind: FileKind) -> None:
    """Raise `Refused` for a frame that is beyond `MAX_PIXELS`."""
    if picture.width * picture.height > MAX_PIXELS[kind]:
        raise Refused(Verdict.TOO_MANY_PIXELS)


def as_it_came(file: BinaryIO, kind: FileKind) -> bool:
    """Whether a JPEG or PNG is sound and Meta takes it: eight bits a channel, no CMYK.

    Raises as `readable` does.
    """
    if readable(file, kind) is not file:
        return False
    if kind is FileKind.PNG:
        return png_chunks.depth(file) <= _BITS
    return open_picture(file, kind).mode in _PLAIN


def readable(file: BinaryIO, kind: FileKind) -> BinaryIO:
    """Read the first frame of a JPEG or PNG to its end; raises as `open_picture` does.

    Returns the file, or a mended copy: a JPEG that lacks its last bytes gets an end, and a PNG with
    damaged notes loses these. Bytes behind the picture, such as a phone's motion photo, are left to
    the virus scanner.
    """
    try:
        _decode(file, kind)
    except UNREADABLE:
        mended = _mended(file, kind)
        if mended is None:
            raise
        _decode(mended, kind)
        return mended
    return file


def _decode(file: BinaryIO, kind: FileKind) -> None:
    picture = open_picture(file, kind)
    picture.draft(picture.mode, (picture.width // 8, picture.height // 8))
    picture.load()


def _mended(file: BinaryIO, kind: FileKind) -> BinaryIO | None:
    file.seek(0)
    mend = jpeg_ends.ended if kind is FileKind.JPEG else png_chunks.without_damaged_notes
    content = mend(file.read())
    return None if content is None else io.BytesIO(content)
