"""A picture that a chat does not take becomes a page that shows it upright."""

import hashlib
import io
import os
import re

import pikepdf
import pytest
from PIL import ExifTags, Image, ImageOps

from medvault.adapters.sandbox import conversion, heif_tiles, recoding
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import Limits
from medvault.adapters.sandbox.pictures import MAX_PIXELS, MAX_WHOLE, open_picture, prepare
from medvault.domain.errors import Permanent
from medvault.domain.media import MAX_BYTES, FileKind
from support import files, pictures
from support.corpus import scans, tiles
from support.files import HEIC, JPEG, MEBIBYTE, PDF, PNG, TIFF, WEBP, Sample

PICTURES = [sample for sample in files.GOOD if sample.kind is not PDF]
COLUMNS_AND_ROWS = (32, 24) if os.environ.get("MEDVAULT_TEST_FULL") else (18, 15)
"""The tiles of a picture that is too large to be decoded whole: 200 megapixels at full size."""
ONE_OF_EACH = list({sample.kind: sample for sample in PICTURES}.values())


def digest(content: bytes) -> str:
    """The digest of a PDF's bytes without its identifier, which is random (ISO 32000-2 §14.4)."""
    return hashlib.sha256(re.sub(rb"/ID ?\[[^]]*\]", b"", content)).hexdigest()


def converted(content: bytes, kind: FileKind) -> pikepdf.Pdf:
    with SandboxExaminer(None).give_back([content], kind) as pdf:
        taken = b"".join(pdf.chunks)
    assert len(taken) == pdf.size
    assert pdf.kind is PDF
    return pikepdf.open(io.BytesIO(taken))


def heavy(content: bytes, kind: FileKind = JPEG) -> bytes:
    """A JPEG or PNG with so much behind it that Meta does not take it as it is."""
    return content + bytes(5 * MEBIBYTE) if kind in (JPEG, PNG) else content


def picture_of(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return picture_on(pdf.pages[0])


def picture_on(page: pikepdf.Page) -> pikepdf.Object:
    (picture,) = page.get_images().values()
    return picture.obj if isinstance(picture, pikepdf.PdfImage) else picture


@pytest.mark.parametrize("sample", PICTURES, ids=lambda sample: sample.name)
def test_every_picture_becomes_one_page_of_a4(sample: Sample) -> None:
    with converted(heavy(sample.build(), sample.kind), sample.kind) as pdf:
        (page,) = pdf.pages
        sides = sorted(float(side) for side in page.mediabox[2:])
        assert sides == pytest.approx([595.3, 841.9], abs=0.1)


@pytest.mark.parametrize("sample", ONE_OF_EACH, ids=lambda sample: sample.name)
def test_the_box_changes_no_byte(sample: Sample) -> None:
    content, outside = heavy(sample.build(), sample.kind), io.BytesIO()
    prepare(sample.kind)
    conversion.write_pdf(io.BytesIO(content), sample.kind, outside)
    with SandboxExaminer(None).give_back([content], sample.kind) as pdf:
        assert digest(b"".join(pdf.chunks)) == digest(outside.getvalue())


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_the_data_of_a_jpeg_is_unchanged(mode: str) -> None:
    jpeg = heavy(pictures.jpeg(mode))
    with converted(jpeg, JPEG) as pdf:
        embedded = picture_of(pdf).read_raw_bytes()
    assert hashlib.sha256(embedded).digest() == hashlib.sha256(jpeg).digest()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_unchanged_however_it_is_turned(orientation: int) -> None:
    jpeg = heavy(pictures.turned(orientation))
    with converted(jpeg, JPEG) as pdf:
        assert picture_of(pdf).read_raw_bytes() == jpeg
        assert shown(pdf.pages[0]) == expected(orientation)


def shown(page: pikepdf.Page) -> list[int]:
    """Which corners of its picture a page shows at the upper left, and at the lower left."""
    matrix = pikepdf.Matrix()
    for step in pikepdf.parse_content_stream(page):
        if str(step.operator) == "cm":
            matrix = pikepdf.Matrix(*[float(each) for each in step.operands]) @ matrix
    matrix = matrix @ pikepdf.Matrix().rotated(-float(page.obj.get("/Rotate", 0)))
    placed = [matrix.transform(corner) for corner in ((0, 1), (1, 1), (0, 0), (1, 0))]
    middle = sum(x for x, _ in placed) / 4, sum(y for _, y in placed) / 4
    upper, lower = [
        next(i for i, (x, y) in enumerate(placed) if x < middle[0] and (y > middle[1]) is above)
        for above in (True, False)
    ]
    return [upper, lower]


def expected(orientation: int) -> list[int]:
    """The same by Pillow, from a picture of four pixels that are numbered by row."""
    corners = Image.frombytes("L", (2, 2), bytes(range(4)))
    corners.getexif()[ExifTags.Base.Orientation] = orientation
    upright = ImageOps.exif_transpose(corners)
    return [upright.tobytes()[0], upright.tobytes()[2]]


@pytest.mark.parametrize(
    ("kind", "form", "size"),
    [
        (WEBP, "WEBP", (pictures.WIDE[1], pictures.WIDE[0])),
        # ISO/IEC 23008-12 §A.2.1: in HEIF only the file's own boxes turn a picture, EXIF does not.
        (HEIC, "HEIF", pictures.WIDE),
    ],
)
def test_what_pdf_does_not_know_is_made_an_upright_jpeg(
    kind: FileKind, form: str, size: tuple[int, int]
) -> None:
    with converted(pictures.turned(6, form), kind) as pdf:
        jpeg = picture_of(pdf).read_raw_bytes()
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        assert picture.size == size


def test_every_page_of_a_tiff_comes_back() -> None:
    with converted(scans.pages(7), TIFF) as pdf:
        assert len(pdf.pages) == 7
        filters = [str(picture_on(page)["/Filter"]) for page in pdf.pages]
    # A page in black and white stays so.
    assert filters[:3] == ["/FlateDecode", "/DCTDecode", "/DCTDecode"]


@pytest.mark.parametrize("turns", range(4))
def test_tiles_come_to_their_places(turns: int) -> None:
    heic = tiles.grid(3, 2, (1200, 900), turns=turns, distinct=True)
    prepare(HEIC)
    whole = open_picture(io.BytesIO(heic), HEIC).convert("RGB")
    assert heif_tiles.reduced(io.BytesIO(heic), 1).tobytes() == whole.tobytes()
    smaller = heif_tiles.reduced(io.BytesIO(heic), 2)
    assert smaller.size == (whole.width // 2, whole.height // 2)


@pytest.mark.long("pictures of up to 202 megapixels are made and read")
def test_a_heic_takes_little_memory_however_large_it_is() -> None:
    columns, rows = COLUMNS_AND_ROWS
    heic, limits = tiles.grid(columns, rows, turns=3), Limits(memory=512 * MEBIBYTE)
    assert columns * rows * tiles.SIDE**2 > MAX_WHOLE
    with SandboxExaminer(None, limits).give_back([heic], HEIC) as pdf:
        assert pdf.size > 1000
        assert pdf.smaller


@pytest.mark.parametrize(
    ("form", "mode", "smaller"),
    [
        *(("BMP", "L", True), ("BMP", "1", False), ("TIFF", "L", True), ("TIFF", "1", False)),
        *(("PNG", "LA", True), ("PNG", "L", False), ("JPEG", "L", False)),
    ],
)
def test_a_picture_that_comes_back_smaller_says_so(
    monkeypatch: pytest.MonkeyPatch, form: str, mode: str, smaller: bool
) -> None:
    monkeypatch.setattr(recoding, "MAX_RECODED", 1000)
    for side, reduced in ((30, False), (60, smaller)):
        picture, pdf = io.BytesIO(), io.BytesIO()
        Image.new("L", (side, side), "white").convert(mode).save(picture, form)
        prepare(FileKind[form])
        assert conversion.write_pdf(picture, FileKind[form], pdf) is reduced
        with pikepdf.open(pdf) as written:
            assert picture_of(written)["/Width"] == side // (1 + reduced)


def test_what_is_made_smaller_has_half_its_width_and_height() -> None:
    assert {recoding.reduction(most) for most in MAX_PIXELS.values()} == {1, 2}


@pytest.mark.parametrize("kind", [kind for kind in FileKind if kind is not PDF])
def test_noise_makes_no_pdf(kind: FileKind) -> None:
    with (
        pytest.raises(Permanent, match="can't be made a PDF"),
        SandboxExaminer(None).give_back([b"noise" * 99], kind),
    ):
        pass


def test_a_picture_over_the_limit_makes_no_pdf() -> None:
    with (
        pytest.raises(Permanent, match="can't be made a PDF"),
        SandboxExaminer(None).give_back([bytes(MAX_BYTES), b"more"], JPEG),
    ):
        pass


def test_a_picture_that_is_as_large_as_can_be_fits_into_its_pdf() -> None:
    full = pictures.jpeg().ljust(MAX_BYTES, b"\0")
    with SandboxExaminer(None).give_back([full], JPEG) as pdf:
        assert pdf.size < MEBIBYTE
