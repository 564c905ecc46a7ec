"""HEIC as phones write it: a grid of tiles (ISO/IEC 23008-12 §6.6.2.3), with what comes along.

All tiles are the same bytes, so that a file of many megapixels is made, and small, at once.
"""

import struct
from functools import cache

from PIL import Image

from support import pictures

SIDE = 512
_GRID, _EXIF, _FIRST = 1, 2, 3
_DEPTH = b"urn:mpeg:hevc:2015:auxid:2"


def grid(
    columns: int,
    rows: int,
    size: tuple[int, int] | None = None,
    *,
    turns: int = 0,
    exif: bytes = b"",
    depth: bool = False,
    mode: str = "RGB",
    bits: int = 8,
    distinct: bool = False,
) -> bytes:
    """A picture of so many columns and rows of tiles, cropped to `size` pixels.

    `turns` are quarters against the clock, `exif` is a TIFF header and what follows; `depth` adds
    an auxiliary picture. Tiles that are `distinct` have a grey of their own each.
    """
    width, height = size or (columns * SIDE, rows * SIDE)
    configuration, coded = _tile(mode, bits)
    tiles = range(_FIRST, _FIRST + columns * rows)
    pieces = [_grey(number) for number in range(len(tiles))] if distinct else [coded]
    extra = tiles.stop if depth else None
    kinds = [(_GRID, b"grid", 0), *[(tile, b"hvc1", 1) for tile in tiles]]
    owned = [1, 2] if turns == 0 else [1, 2, 3]
    properties = [
        _whole(b"ispe", struct.pack("!II", width, height)),
        _whole(b"pixi", b"\3" + bytes([bits] * 3)),
    ]
    if turns:
        properties.append(_box(b"irot", bytes([turns])))
    of_tile = [len(properties) + 1, len(properties) + 2]
    properties += [configuration, _whole(b"ispe", struct.pack("!II", SIDE, SIDE))]
    associated = [(_GRID, owned), *[(tile, of_tile) for tile in tiles]]
    references = _refers(b"dimg", _GRID, list(tiles))
    if exif:
        kinds.append((_EXIF, b"Exif", 1))
        references += _refers(b"cdsc", _EXIF, [_GRID])
    if extra is not None:
        kinds.append((extra, b"hvc1", 1))
        properties.append(_whole(b"auxC", _DEPTH + b"\0"))
        associated.append((extra, [*of_tile, len(properties)]))
        references += _refers(b"auxl", extra, [_GRID])
    described = struct.pack("!BBBBII", 0, 1, rows - 1, columns - 1, width, height)
    note = struct.pack("!I", 0) + exif if exif else b""
    pictured = [*tiles, *([extra] if extra is not None else [])]

    def meta(start: int) -> bytes:
        places = [(_GRID, 1, 0, len(described))]
        for number, each in enumerate(pictured):
            piece = min(number, len(pieces) - 1)
            begins = start + sum(len(one) for one in pieces[:piece])
            places.append((each, 0, begins, len(pieces[piece])))
        if exif:
            places.append((_EXIF, 0, start + len(b"".join(pieces)), len(note)))
        return _whole(
            b"meta",
            _whole(b"hdlr", bytes(4) + b"pict" + bytes(13))
            + _whole(b"pitm", struct.pack("!H", _GRID))
            + _whole(
                b"iinf", struct.pack("!H", len(kinds)) + b"".join(_item(*kind) for kind in kinds)
            )
            + _whole(b"iref", references)
            + _box(
                b"iprp", _box(b"ipco", b"".join(properties)) + _whole(b"ipma", _owned(associated))
            )
            + _whole(b"iloc", _places(places), version=1)
            + _box(b"idat", described),
        )

    head = _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + _box(b"mdat", b"".join(pieces) + note)


@cache
def _tile(mode: str, bits: int) -> tuple[bytes, bytes]:
    """A tile's configuration box and its coded picture."""
    if bits == 8:
        file = pictures.encoded(pictures.gradient((SIDE, SIDE), mode), "HEIF", quality=40)
    else:
        file = pictures.deep_heic(SIDE, SIDE)
    at = file.index(b"hvcC") - 4
    (length,) = struct.unpack_from("!I", file, at)
    (begin, size) = _extent(file)
    return file[at : at + length], file[begin : begin + size]


@cache
def _grey(number: int) -> bytes:
    """The coded picture of an even tile."""
    even = Image.new("RGB", (SIDE, SIDE), (20 * number, 20 * number, 20 * number))
    begin, size = _extent(file := pictures.encoded(even, "HEIF", quality=40))
    return file[begin : begin + size]


def _extent(file: bytes) -> tuple[int, int]:
    at = file.rindex(b"mdat") + 4
    (length,) = struct.unpack_from("!I", file, at - 8)
    return at, (length - 8) if length else len(file) - at


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack("!I", len(content) + 8) + kind + content


def _whole(kind: bytes, content: bytes, *, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack("!I", version << 24 | flags) + content)


def _item(id: int, kind: bytes, hidden: int) -> bytes:
    return _whole(b"infe", struct.pack("!HH", id, 0) + kind + b"\0", version=2, flags=hidden)


def _refers(kind: bytes, source: int, targets: list[int]) -> bytes:
    count = len(targets)
    return _box(kind, struct.pack(f"!HH{count}H", source, count, *targets))


def _owned(associated: list[tuple[int, list[int]]]) -> bytes:
    """Every property is essential, as decoders must know it."""
    rows = b"".join(
        struct.pack("!HB", id, len(indexes)) + bytes(0x80 | index for index in indexes)
        for id, indexes in associated
    )
    return struct.pack("!I", len(associated)) + rows


def _places(places: list[tuple[int, int, int, int]]) -> bytes:
    rows = b"".join(
        struct.pack("!HHHHII", id, method, 0, 1, start, length)
        for id, method, start, length in places
    )
    return b"\x44\0" + struct.pack("!H", len(places)) + rows
