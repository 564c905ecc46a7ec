"""Pictures recoded: upright, on white, in eight bits, and no larger than an examination can hold.

They are JPEGs, but for small ones that were lossless and for those of one bit: these become PNGs.
"""

import io
import math
from typing import Any, BinaryIO, cast

from PIL import ExifTags, Image, ImageOps

JPEG_QUALITY = 92
MAX_RECODED = 65_000_000
"""Pixels; a picture that has more is made narrower and lower by a whole number."""

_LOSSLESS = 4_000_000
"""Pixels up to which a PNG takes little time."""
_BAND = 1024
_DEEP = ("I", "F")


def reduction(pixels: int) -> int:
    """By how much a picture is made narrower and lower: 1 for as it is."""
    return math.ceil(math.sqrt(pixels / MAX_RECODED))


def is_reduced(picture: Image.Image) -> bool:
    """Whether a picture is made narrower and lower; black and white takes little memory."""
    return picture.mode != "1" and reduction(picture.width * picture.height) > 1


def recoded(
    picture: Image.Image, *, lossless: bool = False, quality: int = JPEG_QUALITY
) -> BinaryIO:
    """Write a picture again; `lossless` tells that its source was."""
    orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    profile = picture.info.get("icc_profile")
    plain = _plain(picture)
    upright = plain if orientation == 1 else _turned(plain, orientation)
    options: dict[str, Any] = {"icc_profile": profile if upright.mode == picture.mode else None}
    small = upright.width * upright.height <= _LOSSLESS
    file = io.BytesIO()
    if upright.mode == "1" or (lossless and small):
        upright.save(file, "PNG", **options)
    else:
        upright.save(file, "JPEG", quality=quality, exif=b"", **options)
    return file


def _turned(picture: Image.Image, orientation: int) -> Image.Image:
    picture.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(picture)


def _plain(picture: Image.Image) -> Image.Image:
    """The picture in one bit, grey or RGB; in bands, as two copies of all of it take much memory.

    It is a copy: to save one that has a file, Pillow asks for the working directory.
    """
    if picture.mode == "1":
        return picture.copy()
    factor = reduction(picture.width * picture.height)
    deep = picture.mode.startswith(_DEEP)
    clear = picture.has_transparency_data
    if picture.mode in ("L", "RGB") and factor == 1 and not clear:
        return picture.copy()
    lowest, highest = cast("tuple[float, float]", picture.getextrema()) if deep else (0, 0)
    size = (math.ceil(picture.width / factor), math.ceil(picture.height / factor))
    plain = Image.new("L" if deep or (picture.mode == "L" and not clear) else "RGB", size)
    for top in range(0, picture.height, _BAND):
        band = picture.crop((0, top, picture.width, min(top + _BAND, picture.height)))
        flat = _stretched(band, lowest, highest) if deep else _on_white(band, plain.mode)
        plain.paste(flat.reduce(factor), (0, top // factor))
    return plain


def _stretched(picture: Image.Image, lowest: float, highest: float) -> Image.Image:
    """Sixteen bits or more as eight: nothing tells how many of them a scanner has used."""
    scale = 255 / max(highest - lowest, 1)
    wide = picture if picture.mode == "F" else picture.convert("I")
    return wide.point(lambda value: value * scale + -lowest * scale).convert("L")


def _on_white(picture: Image.Image, mode: str) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert(mode)
    layer = picture.convert("RGBA")
    flat = Image.new("RGB", layer.size, "white")
    flat.paste(layer, mask=layer)
    return flat
