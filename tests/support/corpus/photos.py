"""Pictures of phones, scanners and chat programs."""

import struct
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PIL import ExifTags, Image, ImageCms

from support import pdfs, pictures
from support.corpus import tiles
from support.files import AVIF, HEIC, JPEG, PNG, WEBP, Sample

_SIZE = (160, 100)
_COLOURS = ("RGB", "L", "CMYK")
_EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
"""A TIFF header and a directory of one entry: turned by 90 degrees."""


def samples() -> list[Sample]:
    """All of them but the largest."""
    found = [Sample(f"jpeg, {name}", JPEG, build) for name, build in _jpegs()]
    found += [Sample(f"png, {name}", PNG, build) for name, build in _pngs()]
    found += [Sample(f"webp, {name}", WEBP, build) for name, build in _webps()]
    return found + [Sample(f"heic, {name}", HEIC, build) for name, build in _heics()]


def largest() -> list[Sample]:
    """The largest that phones and scanners make; some seconds each."""
    return [
        Sample("heic of 48 megapixels", HEIC, lambda: tiles.grid(16, 12, (8064, 6048))),
        Sample("heic of 50 megapixels", HEIC, lambda: tiles.grid(16, 12)),
        Sample("heic of 50 megapixels, upright", HEIC, lambda: tiles.grid(16, 12, turns=1)),
        Sample("heic of 50 megapixels, 10 bits", HEIC, lambda: tiles.grid(16, 12, bits=10)),
        Sample("heic of 64 megapixels", HEIC, lambda: tiles.grid(19, 14, (9248, 6936))),
        Sample("heic of 108 megapixels", HEIC, lambda: tiles.grid(24, 18, (12_000, 9_000))),
        Sample("heic of 200 megapixels", HEIC, lambda: tiles.grid(32, 24, turns=3)),
        Sample("jpeg of 50 megapixels", JPEG, lambda: _large(8192, 6144)),
        Sample("jpeg of 50 megapixels, progressive", JPEG, lambda: _large(8192, 6144, True)),
        Sample("jpeg of 108 megapixels", JPEG, lambda: _large(12_000, 9_000)),
        Sample("jpeg of 108 megapixels, progressive", JPEG, lambda: _large(12_000, 9_000, True)),
        Sample("jpeg of 200 megapixels", JPEG, lambda: _large(16_384, 12_288)),
        Sample(
            "png of a4 at 600 dpi",
            PNG,
            lambda: pictures.encoded(pictures.gradient((4960, 7016)), "PNG"),
        ),
        Sample("png of 98 megapixels", PNG, lambda: pictures.blank_png(11_600, 8_500)),
        Sample(
            "webp of 48 megapixels",
            WEBP,
            lambda: pictures.encoded(pictures.gradient((8000, 6000)), "WEBP", method=0),
        ),
        Sample(
            "avif of 48 megapixels",
            AVIF,
            lambda: pictures.encoded(pictures.gradient((8000, 6000)), "AVIF", speed=10),
        ),
    ]


def deep(colour: int = 2) -> bytes:
    """A PNG of 16 bits a channel, of RFC 2083's type `colour`."""
    channels = {2: 3, 6: 4}[colour]
    row = b"\0" + pdfs.noise(64 * 2 * channels)
    return pictures.raw_png((64, 64), 16, colour, row * 64)


def _picture(form: str, mode: str = "RGB", **options: Any) -> bytes:
    return pictures.encoded(pictures.photo(_SIZE, mode), form, **options)


def _jpeg(mode: str = "RGB", **options: Any) -> bytes:
    return _picture("JPEG", mode, **options)


def _png(mode: str = "RGB", **options: Any) -> bytes:
    return _picture("PNG", mode, **options)


def _webp(**options: Any) -> bytes:
    return _picture("WEBP", **options)


def _heic(**options: Any) -> bytes:
    return _picture("HEIF", **options)


def _large(width: int, height: int, progressive: bool = False) -> bytes:
    return pictures.encoded(pictures.gradient((width, height)), "JPEG", progressive=progressive)


def _jpegs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for colour in _COLOURS:
        yield colour, partial(_jpeg, colour)
        yield f"{colour}, progressive", partial(_jpeg, colour, progressive=True)
    for orientation in range(1, 9):
        yield f"orientation {orientation}", partial(pictures.turned, orientation)
    for sampling in ("4:4:4", "4:2:2", "4:2:0"):
        yield f"sampled {sampling}", partial(_jpeg, subsampling=sampling)
    for quality in (5, 50, 100):
        yield f"quality {quality}", partial(_jpeg, quality=quality)
    yield "of two pictures", lambda: pictures.animated("MPO")
    yield "with a motion photo", lambda: _jpeg() + _film()
    yield "with a comment", lambda: pictures.with_comment(_jpeg(), b"scanned")
    yield "with a profile", lambda: _jpeg(icc_profile=_profile())
    yield "with a place", lambda: _jpeg(exif=_place())
    yield "with xmp", lambda: _jpeg(xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    yield "with restarts", lambda: _jpeg(restart_marker_rows=1)
    yield "in millimetres", lambda: _jpeg(dpi=(300, 300))
    yield "with zeros behind it", lambda: _jpeg() + bytes(4096)


def _pngs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield mode, partial(_png, mode)
    for level in (0, 1, 9):
        yield f"squeezed {level}", partial(_png, compress_level=level)
    yield "of a transparent palette", lambda: _png("P", transparency=b"\0" * 9)
    yield "of a transparent colour", lambda: _png(transparency=(1, 2, 3))
    yield "interlaced", _interlaced
    yield "of 16 bits a channel", lambda: deep(2)
    yield "of 16 bits a channel, transparent", lambda: deep(6)
    yield "animated", lambda: _picture("PNG", save_all=True, append_images=[pictures.photo(_SIZE)])
    yield "with text", lambda: pictures.with_text(_png(), b"scanned")
    yield "with a profile", lambda: _png(icc_profile=_profile())
    yield "at 300 dpi", lambda: _png(dpi=(300, 300))
    yield "of a page", lambda: pictures.blank_png(2480, 3508)


def _webps() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for quality in (1, 80, 100):
        yield f"quality {quality}", partial(_webp, quality=quality)
    yield "lossless", lambda: _webp(lossless=True)
    yield "animated", lambda: pictures.animated("WEBP")
    yield "turned", lambda: pictures.turned(6, "WEBP")
    yield "with a profile", lambda: _webp(icc_profile=_profile())
    yield (
        "transparent",
        lambda: _picture("WEBP", "RGBA", lossless=True),
    )


def _heics() -> Iterator[tuple[str, Callable[[], bytes]]]:
    yield "plain", _heic
    yield "grey", lambda: _picture("HEIF", "L")
    yield "transparent", lambda: _picture("HEIF", "RGBA")
    yield "of 10 bits", lambda: pictures.deep_heic(160, 100)
    yield "with a place", lambda: _heic(exif=_place())
    yield (
        "of two pictures",
        lambda: _picture("HEIF", save_all=True, append_images=[pictures.photo(_SIZE)]),
    )
    yield "with a profile", lambda: _heic(icc_profile=_profile())
    yield "sampled 4:4:4", lambda: _heic(chroma=444)
    yield "of tiles", lambda: tiles.grid(2, 2)
    for turns in (1, 2, 3):
        yield f"of tiles, turned {turns}", partial(tiles.grid, 3, 2, (1200, 900), turns=turns)
    yield "of tiles, with exif", lambda: tiles.grid(2, 2, exif=_EXIF)
    yield "of tiles, with depth", lambda: tiles.grid(2, 2, depth=True, exif=_EXIF)
    yield "of tiles, grey", lambda: tiles.grid(2, 2, mode="L")
    yield "of tiles of 10 bits", lambda: tiles.grid(2, 2, bits=10)
    yield "of 12 megapixels", lambda: tiles.grid(8, 6, (4032, 3024), turns=3, exif=_EXIF)
    yield "with a film behind it", lambda: tiles.grid(2, 2) + _film()


def _film() -> bytes:
    """The end of a motion photo: an MP4's first box, and its data."""
    return struct.pack("!I", 24) + b"ftypmp42" + bytes(4) + b"isommp42" + pdfs.noise(90_000)


def _profile() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return profile.tobytes()


def _place() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Phone"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return exif


def _interlaced() -> bytes:
    """Seven passes of Adam7 over a picture of 8 by 8 grey pixels (RFC 2083 §2.6)."""
    passes = ((1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4))
    rows = b"".join((b"\0" + bytes(range(width))) * height for width, height in passes)
    return pictures.raw_png((8, 8), 8, 0, rows, interlaced=True)
