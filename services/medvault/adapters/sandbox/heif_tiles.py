"""The tiles of a HEIC, decoded one at a time by libheif's own calls (libheif/heif_tiling.h).

pillow_heif decodes a picture whole, which takes eight bytes a pixel. The library that it has loaded
is asked here for one tile after the other.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref, c_char_p, c_int, c_size_t, c_uint8, c_uint32, c_void_p
from functools import cache
from pathlib import Path
from typing import BinaryIO

from PIL import Image

_NAME = "libheif"
_RGB, _INTERLEAVED_RGB, _INTERLEAVED = 1, 10, 10
_TRANSFORMED = 1


class _Error(ctypes.Structure):
    _fields_ = (("code", c_int), ("subcode", c_int), ("message", c_char_p))


class _Tiling(ctypes.Structure):
    _fields_ = (
        ("version", c_int),
        ("columns", c_uint32),
        ("rows", c_uint32),
        ("tile_width", c_uint32),
        ("tile_height", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("top", c_uint32),
        ("left", c_uint32),
        ("extra_dimensions", c_uint8),
        ("extra_sizes", c_uint32 * 8),
    )


_CALLS = {
    "heif_context_alloc": ((), c_void_p),
    "heif_context_free": ((c_void_p,), None),
    "heif_context_read_from_memory_without_copy": (
        (c_void_p, c_char_p, c_size_t, c_void_p),
        _Error,
    ),
    "heif_context_get_primary_image_handle": ((c_void_p, c_void_p), _Error),
    "heif_image_handle_release": ((c_void_p,), None),
    "heif_image_handle_get_image_tiling": ((c_void_p, c_int, c_void_p), _Error),
    "heif_image_handle_decode_image_tile": (
        (c_void_p, c_void_p, c_int, c_int, c_void_p, c_uint32, c_uint32),
        _Error,
    ),
    "heif_image_get_width": ((c_void_p, c_int), c_int),
    "heif_image_get_height": ((c_void_p, c_int), c_int),
    "heif_image_get_plane_readonly2": ((c_void_p, c_int, c_void_p), c_void_p),
    "heif_image_release": ((c_void_p,), None),
}


@cache
def prepare() -> ctypes.CDLL:
    """Take the library that pillow_heif has loaded, before the box is shut."""
    mapped = Path("/proc/self/maps").read_text().splitlines()
    library = ctypes.CDLL(min(line.rpartition(" ")[2] for line in mapped if _NAME in line))
    for name, (arguments, result) in _CALLS.items():
        call = getattr(library, name)
        call.argtypes, call.restype = arguments, result
    return library


def reduced(file: BinaryIO, factor: int) -> Image.Image:
    """Decode a HEIC to a picture `factor` times narrower and lower; raises OSError.

    Only a tile and the picture that comes out are in memory. One without tiles is one tile.
    """
    file.seek(0)
    with _handle(file.read()) as handle:
        tiling = _tiling(handle)
        width, height = tiling.tile_width, tiling.tile_height
        if width % factor or height % factor:
            raise OSError("tiles that can't be made smaller")
        picture = Image.new("RGB", (tiling.width // factor, tiling.height // factor))
        # In a turned picture the first tiles stand out, not the last; libheif 1.23 says that they
        # do, and by how much for another picture.
        left = tiling.left and tiling.columns * width - tiling.width
        top = tiling.top and tiling.rows * height - tiling.height
        for row in range(tiling.rows):
            for column in range(tiling.columns):
                tile = _tile(handle, column, row).reduce(factor)
                at = ((column * width - left) // factor, (row * height - top) // factor)
                picture.paste(tile, at)
        return picture


def largest_tile(file: BinaryIO) -> int:
    """Pixels of a tile; raises OSError."""
    file.seek(0)
    with _handle(file.read()) as handle:
        tiling = _tiling(handle)
        return int(tiling.tile_width * tiling.tile_height)


@contextmanager
def _handle(content: bytes) -> Iterator[c_void_p]:
    library = prepare()
    context, handle = c_void_p(library.heif_context_alloc()), c_void_p()
    try:
        _done(
            library.heif_context_read_from_memory_without_copy(context, content, len(content), None)
        )
        _done(library.heif_context_get_primary_image_handle(context, byref(handle)))
        yield handle
    finally:
        library.heif_image_handle_release(handle)
        library.heif_context_free(context)


def _tiling(handle: c_void_p) -> _Tiling:
    tiling = _Tiling()
    _done(prepare().heif_image_handle_get_image_tiling(handle, _TRANSFORMED, byref(tiling)))
    return tiling


def _tile(handle: c_void_p, column: int, row: int) -> Image.Image:
    library, tile, stride = prepare(), c_void_p(), c_size_t()
    _done(
        library.heif_image_handle_decode_image_tile(
            handle, byref(tile), _RGB, _INTERLEAVED_RGB, None, column, row
        )
    )
    try:
        plane = library.heif_image_get_plane_readonly2(tile, _INTERLEAVED, byref(stride))
        width = library.heif_image_get_width(tile, _INTERLEAVED)
        height = library.heif_image_get_height(tile, _INTERLEAVED)
        pixels = ctypes.string_at(plane, stride.value * height)
        return Image.frombuffer("RGB", (width, height), pixels, "raw", "RGB", stride.value, 1)
    finally:
        library.heif_image_release(tile)


def _done(error: _Error) -> None:
    if error.code:
        raise OSError("a HEIC that can't be read")
