"""Pictures as phones and scanners make them, and some that nobody should."""

import io
import random
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import ExifTags, Image

pillow_heif.register_heif_opener()

WIDE = (640, 400)


def photo(size: tuple[int, int] = WIDE, mode: str = "RGB") -> Image.Image:
    """Noise under a gradient: compresses as badly as a photo does."""
    pixels = random.Random(7).randbytes(size[0] * size[1] * 3)
    noise = Image.frombytes("RGB", size, pixels)
    gradient = Image.linear_gradient("L").resize(size).convert("RGB")
    return Image.blend(gradient, noise, 0.2).convert(mode)


def gradient(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Grey from top to bottom: quick to make and to write, at any size."""
    return Image.linear_gradient("L").resize(size).convert(mode)


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    """The picture as a file of Pillow's format `form`."""
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def jpeg(mode: str = "RGB", **options: Any) -> bytes:
    """A JPEG of `photo`."""
    return encoded(photo(mode=mode), "JPEG", **options)


def turned(orientation: int, form: str = "JPEG", **options: Any) -> bytes:
    """A picture that its EXIF says to turn."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encoded(photo(), form, exif=exif, **options)


def png(mode: str = "RGB", **options: Any) -> bytes:
    """A PNG of `photo`."""
    return encoded(photo(mode=mode), "PNG", **options)


def webp(**options: Any) -> bytes:
    """A WebP of `photo`."""
    return encoded(photo(), "WEBP", **options)


def heic(**options: Any) -> bytes:
    """A HEIC of `photo`."""
    return encoded(photo(), "HEIF", **options)


def animated(form: str) -> bytes:
    """Two frames."""
    return encoded(photo(), form, save_all=True, append_images=[photo().rotate(180)])


def blank_png(width: int, height: int) -> bytes:
    """A one-bit PNG of any size, in little memory."""
    row = bytes(1 + (width + 7) // 8)
    squeeze = zlib.compressobj(9)
    rows = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    header = struct.pack("!IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def raw_png(
    size: tuple[int, int], bits: int, colour: int, rows: bytes, *, interlaced: bool = False
) -> bytes:
    """A PNG of rows with their filters; `colour` is RFC 2083's type."""
    header = struct.pack("!IIBBBBB", *size, bits, colour, 0, 0, interlaced)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def noisy_png(size: tuple[int, int]) -> bytes:
    """A transparent PNG that nothing makes smaller."""
    noise = Image.frombytes("RGBA", size, random.Random(11).randbytes(4 * size[0] * size[1]))
    return encoded(noise, "PNG", compress_level=0)


def claiming(file: bytes, width: int, height: int) -> bytes:
    """A JPEG whose frame header claims another size."""
    at = file.index(b"\xff\xc0") + 5
    return file[:at] + struct.pack("!HH", height, width) + file[at + 4 :]


def with_comment(file: bytes, comment: bytes) -> bytes:
    """A JPEG with a comment segment up front."""
    return file[:2] + b"\xff\xfe" + struct.pack("!H", len(comment) + 2) + comment + file[2:]


def with_text(file: bytes, text: bytes) -> bytes:
    """A PNG with a text chunk after its header."""
    return file[:33] + _chunk(b"tEXt", b"Comment\0" + text) + file[33:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))


def deep_heic(width: int, height: int) -> bytes:
    """A HEIC of ten bits a channel."""
    pixels = bytes(random.Random(9).randbytes(6 * width) * height)
    deep = pillow_heif.from_bytes(mode="RGB;16", size=(width, height), data=pixels)
    file = io.BytesIO()
    deep.save(file, quality=40)
    return file.getvalue()
