"""A PDF of a picture, for a chat that only takes some pictures back."""

import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import img2pdf
import pikepdf
from PIL import ExifTags, Image, ImageSequence

from medvault.adapters.sandbox import heif_tiles, png_chunks
from medvault.adapters.sandbox.pictures import (
    MAX_WHOLE,
    Refused,
    open_picture,
    readable,
    require_pixels,
)
from medvault.adapters.sandbox.recoding import JPEG_QUALITY, is_reduced, recoded, reduction
from medvault.domain.media import MAX_BYTES, FileKind, Verdict

_MIRRORED = {2: 1, 4: 3, 5: 8, 7: 6}
"""Orientations that mirror (EXIF 2.32 §4.6.4 A), by those that turn what is mirrored already."""
_TURNED = {3: "180", 6: "90", 8: "270"}
_A4 = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))
_PAGE_SLACK = 4 * 1024 * 1024
"""Bytes that a page, with a colour profile, has beside its picture."""
_QUALITIES = (JPEG_QUALITY, 75, 50)
_LOSSLESS = (FileKind.PNG, FileKind.GIF, FileKind.BMP)
_LESS_THAN_A_PAGE = 0b101  # TIFF 6.0 §8, NewSubfileType: a preview, a mask


class _Pages(NamedTuple):
    """Pictures for a page each, and whether one of them is narrower and lower than it was."""

    pictures: Sequence[BinaryIO]
    smaller: bool


def write_pdf(file: BinaryIO, kind: FileKind, target: BinaryIO) -> bool:
    """Write a PDF of a picture, with pages of A4; returns whether it is smaller there than it was.

    The data of a JPEG or PNG go in unchanged, unless they are transparent, or don't fit. From
    other files that move, only the first frame is taken; from a TIFF, every page. Raises one of
    `REFUSED`.
    """
    match kind:
        case FileKind.JPEG | FileKind.PNG:
            return _embed(readable(file, kind), kind, target)
        case FileKind.TIFF:
            pages = _tiff(file)
        case FileKind.HEIC:
            pages = _heic(file)
        case _:
            pages = _anew(open_picture(file, kind), kind)
    _lay_out(pages.pictures, target)
    return pages.smaller


def _anew(picture: Image.Image, kind: FileKind) -> _Pages:
    smaller = is_reduced(picture)
    return _Pages([recoded(picture, lossless=kind in _LOSSLESS)], smaller)


def _embed(file: BinaryIO, kind: FileKind, target: BinaryIO) -> bool:
    picture = open_picture(file, kind)
    fits = _size(file) <= MAX_BYTES - _PAGE_SLACK
    clear = kind is FileKind.PNG and (picture.has_transparency_data or png_chunks.interlaced(file))
    if fits and not clear:
        _lay_out([file], target, picture.getexif().get(ExifTags.Base.Orientation, 1))
        return False
    smaller, factor = is_reduced(picture), reduction(picture.width * picture.height)
    picture.draft(picture.mode, (picture.width // factor, picture.height // factor))
    _lay_out(_anew(picture, kind).pictures, target)
    return smaller


def _heic(file: BinaryIO) -> _Pages:
    picture = open_picture(file, FileKind.HEIC)
    pixels = picture.width * picture.height
    if pixels <= MAX_WHOLE:
        return _anew(picture, FileKind.HEIC)
    if heif_tiles.largest_tile(file) > MAX_WHOLE:
        raise Refused(Verdict.TOO_MANY_PIXELS)
    smaller = heif_tiles.reduced(file, reduction(pixels))
    smaller.info["icc_profile"] = picture.info.get("icc_profile")
    return _Pages([recoded(smaller)], smaller=True)


def _tiff(file: BinaryIO) -> _Pages:
    """The pages of a TIFF, at the best quality at which all of them fit."""
    for quality in _QUALITIES:
        pages: list[BinaryIO] = []
        left, smaller = MAX_BYTES - _PAGE_SLACK, False
        for picture in _frames(file):
            smaller |= is_reduced(picture)
            pages.append(recoded(picture, quality=quality))
            left -= _size(pages[-1])
            if left < 0:
                break
        if not pages:
            raise OSError("a TIFF without a page")
        if left >= 0:
            return _Pages(pages, smaller)
    raise Refused(Verdict.TOO_MANY_PIXELS)


def _frames(file: BinaryIO) -> Iterator[Image.Image]:
    for picture in ImageSequence.Iterator(open_picture(file, FileKind.TIFF)):
        require_pixels(picture, FileKind.TIFF)
        tags = picture.getexif()
        if ExifTags.Base.DNGVersion in tags:
            raise Refused(Verdict.IS_RAW_PHOTO)
        if not tags.get(ExifTags.Base.NewSubfileType, 0) & _LESS_THAN_A_PAGE:
            picture.load()
            yield picture


def _lay_out(pages: Sequence[BinaryIO], target: BinaryIO, orientation: int = 1) -> None:
    mirrored = orientation in _MIRRORED
    turned = _TURNED.get(_MIRRORED.get(orientation, orientation), "0")
    pdf = io.BytesIO() if mirrored else target
    for page in pages:
        page.seek(0)
    img2pdf.convert(
        *pages,
        outputstream=pdf,
        layout_fun=img2pdf.get_layout_fun(pagesize=_A4, auto_orient=True),
        rotation=img2pdf.Rotation[turned],
        first_frame_only=True,
        nodate=True,
    )
    if mirrored:
        _mirror(pdf, target)


def _mirror(source: BinaryIO, target: BinaryIO) -> None:
    """Show a page's content from the other side: its data stay as they are."""
    source.seek(0)
    with pikepdf.open(source) as pdf:
        page = pdf.pages[0]
        width = float(page.mediabox[2])
        page.contents_add(b"-1 0 0 1 %0.4f 0 cm" % width, prepend=True)
        pdf.save(target, linearize=True, deterministic_id=True)


def _size(file: BinaryIO) -> int:
    return file.seek(0, io.SEEK_END)
