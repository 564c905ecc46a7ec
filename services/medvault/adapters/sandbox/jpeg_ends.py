"""JPEGs that lack their end, as a broken connection or a full card leaves them (ITU-T T.81)."""

import io
import re
import struct

from PIL import Image, ImageChops

END = b"\xff\xd9"
_MARKER = re.compile(rb"\xff+([^\0\xff])")
_SCAN_END = re.compile(rb"\xff[^\0\xd0-\xd7\xff]")
_STANDALONE = {0x01, *range(0xD0, 0xD9)}
_PROGRESSIVE, _SCAN, _STOP = 0xC2, 0xDA, 0xD9
_SHORTEST = 8
"""Bytes of a scan's header with its length."""
_UNKNOWN = 16
_MOST_LACKING = 0.05
"""The share of rows that may lack: no more than a page's lower margin."""
_FEW = 4
"""Rows at an eighth of the size that may lack of any picture: two rows of its largest blocks."""
_LOW = 5
"""A scan of coefficients above this one adds sharpness only."""


def ended(content: bytes) -> bytes | None:
    """Return the JPEG with an end, or None where more lacks than its last bytes.

    A baseline picture may lack a twentieth of its rows; a progressive one may lack its last scan,
    where that only refines what other scans show.
    """
    scans = _scans(content)
    if scans is None:
        return content + END if _lacks_little(content) else None
    return content + END if _nearly_whole(scans) else None


def _lacks_little(content: bytes) -> bool:
    """Decode over white and over black: rows that differ were never decoded."""
    white, black = _over(content, 255), _over(content, 0)
    rows = white.height
    different = ImageChops.difference(white.convert("L"), black.convert("L")).getbbox()
    return different is None or rows - different[1] <= max(rows * _MOST_LACKING, _FEW)


def _over(content: bytes, grey: int) -> Image.Image:
    picture = Image.open(io.BytesIO(content), formats=["JPEG"])
    picture.draft(picture.mode, (picture.width // 8, picture.height // 8))
    ground = Image.new(picture.mode, picture.size, tuple([grey] * len(picture.getbands())))
    picture.im = ground.im
    try:
        picture.load()
    except OSError:
        ground.im = picture.im
        return ground
    return picture


def _scans(content: bytes) -> list[bytes] | None:
    """The headers of a progressive JPEG's scans; None for another JPEG."""
    progressive, headers, at = False, [], 2
    while found := _MARKER.search(content, at):
        marker, at = found[1][0], found.end()
        if marker == _STOP:
            break
        if marker in _STANDALONE or at + 2 > len(content):
            continue
        (length,) = struct.unpack_from("!H", content, at)
        progressive = progressive or marker == _PROGRESSIVE
        header, at = content[at + 2 : at + length], at + length
        if marker == _SCAN and length >= _SHORTEST:
            headers.append(header)
            end = _SCAN_END.search(content, at)
            at = end.start() if end else len(content)
    return headers if progressive else None


def _nearly_whole(scans: list[bytes]) -> bool:
    """Whether the last bit of every coefficient was on its way, and of the last scan few may lack.

    A header is the count of its components, two bytes for each, the first and last coefficient,
    and the bit that comes now below the one that came before (T.81 B.2.3).
    """
    bits: dict[int, list[int]] = {}
    for scan in scans:
        first, last, successive = scan[-3:]
        for component in scan[1:-3:2]:
            of_it = bits.setdefault(component, [_UNKNOWN] * 64)
            of_it[first : last + 1] = [successive & 15] * (last + 1 - first)
    if not bits or any(any(of_it) for of_it in bits.values()):
        return False
    first, _, successive = scans[-1][-3:]
    return first > _LOW or successive >> 4 > 0
