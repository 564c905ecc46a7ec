"""Pictures as scanners, faxes and broken connections leave them."""

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PIL import TiffImagePlugin

from support import pictures
from support.files import AVIF, BMP, GIF, HEIC, JPEG, PNG, TIFF, Sample

_SIZE = (160, 100)
_LONG = 2_000_000
"""Bytes of a profile or text that some cameras and design programs write."""
_DEPTHS = ("1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "F")
_FAX = ("group3", "group4", "tiff_ccitt")
_SQUEEZED = ("tiff_lzw", "jpeg", "tiff_adobe_deflate", "packbits", "zstd")
_DNG_VERSION = 50706


def samples() -> list[Sample]:
    """All of them."""
    found = [Sample(f"tiff, {name}", TIFF, build) for name, build in _tiffs()]
    found += [Sample(f"gif, {name}", GIF, build) for name, build in _gifs()]
    found += [
        Sample(f"bmp, {mode}", BMP, partial(_picture, "BMP", mode))
        for mode in ("1", "L", "P", "RGB", "RGBA")
    ]
    found += [Sample(f"avif, {name}", AVIF, build) for name, build in _avifs()]
    found += [Sample(f"jpeg, {name}", JPEG, build) for name, build in _ends()]
    found += [Sample(f"png, {name}", PNG, build) for name, build in _notes()]
    heif = pictures.heic().replace(b"ftypheic", b"ftypheif", 1)
    return [*found, Sample("heic, of the brand heif", HEIC, lambda: heif)]


def pages(count: int) -> bytes:
    """A TIFF of pages in black and white, grey, and colour, in turn."""
    sheets = [pictures.photo(_SIZE, ("1", "L", "RGB")[number % 3]) for number in range(count)]
    return pictures.encoded(sheets[0], "TIFF", save_all=True, append_images=sheets[1:])


def raw_photo() -> bytes:
    """A DNG's preview: the photo lies where only camera programs look."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[_DNG_VERSION] = b"\1\4\0\0"
    return _picture("TIFF", tiffinfo=tags)


def _picture(form: str, mode: str = "RGB", **options: Any) -> bytes:
    source = "L" if mode in ("I;16", "F") else mode
    return pictures.encoded(pictures.photo(_SIZE, source).convert(mode), form, **options)


def _tiffs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for mode in _DEPTHS:
        yield mode, partial(_picture, "TIFF", mode)
    for fax in _FAX:
        yield fax, partial(_picture, "TIFF", "1", compression=fax)
    for squeezed in _SQUEEZED:
        yield squeezed, partial(_picture, "TIFF", compression=squeezed)
    for orientation in range(1, 9):
        yield f"orientation {orientation}", partial(pictures.turned, orientation, "TIFF")
    yield "of seven pages", partial(pages, 7)
    yield "big", partial(_picture, "TIFF", big_tiff=True)
    yield "at 300 dpi", partial(_picture, "TIFF", dpi=(300, 300))


def _gifs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for mode in ("1", "L", "P", "RGB"):
        yield mode, partial(_picture, "GIF", mode)
    yield "transparent", partial(_picture, "GIF", "P", transparency=3)
    yield "interlaced", partial(_picture, "GIF", "P", interlace=True)
    yield "animated", partial(pictures.animated, "GIF")


def _avifs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for mode in ("L", "RGB", "RGBA"):
        yield mode, partial(_picture, "AVIF", mode, speed=10)
    yield "turned", partial(pictures.turned, 6, "AVIF", speed=10)
    yield "of any brand", lambda: _picture("AVIF", speed=10).replace(b"avif", b"mif1", 1)


def _ends() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for progressive in (False, True):
        kind = "progressive" if progressive else "baseline"
        whole = partial(pictures.jpeg, progressive=progressive)
        for lacking in (1, 2, 3, 60):
            yield f"{kind}, without {lacking} bytes", partial(_without, whole, lacking)
    yield "with zeros for its end", lambda: pictures.jpeg()[:-2] + bytes(512)
    yield "that ends in a marker", lambda: pictures.jpeg()[:-1]


def _without(build: Callable[[], bytes], lacking: int) -> bytes:
    return build()[:-lacking]


def _notes() -> Iterator[tuple[str, Callable[[], bytes]]]:
    yield "with a long text", lambda: pictures.with_text(pictures.png(), bytes(_LONG))
    yield (
        "with a long packed text",
        lambda: _with_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * _LONG)),
    )
    yield (
        "with a long profile",
        lambda: _with_chunk(b"iCCP", b"scanner\0\0" + zlib.compress(bytes(_LONG))),
    )
    for name in (b"tEXt", b"tIME", b"pHYs"):
        yield f"with a damaged {name.decode()}", partial(_with_chunk, name, bytes(9), 1)


def _with_chunk(name: bytes, data: bytes, damage: int = 0) -> bytes:
    """A PNG with another chunk after its header, whose checksum may be damaged."""
    checksum = struct.pack("!I", zlib.crc32(name + data) ^ damage)
    png = pictures.png()
    return png[:33] + struct.pack("!I", len(data)) + name + data + checksum + png[33:]
