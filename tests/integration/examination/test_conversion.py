"""A picture becomes a page that shows it upright."""

import hashlib
import io
import re

import pikepdf
import pytest
from PIL import Image

from medvault.adapters.sandbox.conversion import write_pdf
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.pictures import prepare
from medvault.domain.errors import Permanent
from medvault.domain.media import MAX_BYTES, FileKind
from support import files, pictures
from support.files import HEIC, JPEG, PDF, PNG, WEBP, Sample

PICTURES = [sample for sample in files.GOOD if sample.kind is not PDF]
ONE_OF_EACH = list({sample.kind: sample for sample in PICTURES}.values())


def digest(content: bytes) -> str:
    """Of a PDF's bytes without its identifier, which is random (ISO 32000-2 §14.4)."""
    return hashlib.sha256(re.sub(rb"/ID ?\[[^]]*\]", b"", content)).hexdigest()


def converted(content: bytes, kind: FileKind) -> pikepdf.Pdf:
    with SandboxExaminer(None).to_pdf([content], kind) as pdf:
        taken = b"".join(pdf.chunks)
    assert len(taken) == pdf.size
    return pikepdf.open(io.BytesIO(taken))


def picture_of(pdf: pikepdf.Pdf) -> pikepdf.Object:
    (picture,) = pdf.pages[0].get_images().values()
    return picture.obj if isinstance(picture, pikepdf.PdfImage) else picture


@pytest.mark.parametrize("sample", PICTURES, ids=lambda sample: sample.name)
def test_every_picture_becomes_one_page_of_a4(sample: Sample) -> None:
    with converted(sample.build(), sample.kind) as pdf:
        (page,) = pdf.pages
        sides = sorted(float(side) for side in page.mediabox[2:])
        assert sides == pytest.approx([595.3, 841.9], abs=0.1)


@pytest.mark.parametrize("sample", ONE_OF_EACH, ids=lambda sample: sample.name)
def test_the_box_changes_no_byte(sample: Sample) -> None:
    content, outside = sample.build(), io.BytesIO()
    prepare(sample.kind)
    write_pdf(io.BytesIO(content), sample.kind, outside)
    with SandboxExaminer(None).to_pdf([content], sample.kind) as pdf:
        assert digest(b"".join(pdf.chunks)) == digest(outside.getvalue())


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_the_data_of_a_jpeg_is_unchanged(mode: str) -> None:
    jpeg = pictures.jpeg(mode)
    with converted(jpeg, JPEG) as pdf:
        embedded = picture_of(pdf).read_raw_bytes()
    assert hashlib.sha256(embedded).digest() == hashlib.sha256(jpeg).digest()


def test_a_turned_jpeg_is_unchanged_on_a_turned_page() -> None:
    jpeg = pictures.turned(6)
    with converted(jpeg, JPEG) as pdf:
        assert picture_of(pdf).read_raw_bytes() == jpeg
        assert pdf.pages[0].obj["/Rotate"] == 90


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


def test_a_mirrored_jpeg_is_mirrored_back() -> None:
    original = pictures.photo().transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    with converted(pictures.turned(2), JPEG) as pdf:
        jpeg = picture_of(pdf).read_raw_bytes()
    with Image.open(io.BytesIO(jpeg)) as picture:
        corner, expected = picture.getpixel((2, 2)), original.getpixel((2, 2))
    assert corner == pytest.approx(expected, abs=60)


@pytest.mark.parametrize("kind", [JPEG, PNG, WEBP, HEIC])
def test_noise_makes_no_pdf(kind: FileKind) -> None:
    with (
        pytest.raises(Permanent, match="can't be made a PDF"),
        SandboxExaminer(None).to_pdf([b"noise" * 99], kind),
    ):
        pass


def test_a_picture_over_the_limit_makes_no_pdf() -> None:
    with (
        pytest.raises(Permanent, match="can't be made a PDF"),
        SandboxExaminer(None).to_pdf([bytes(MAX_BYTES), b"more"], JPEG),
    ):
        pass


def test_a_pdf_over_the_limit_is_not_given_out() -> None:
    full = pictures.jpeg().ljust(MAX_BYTES, b"\0")
    with (
        pytest.raises(Permanent, match="too large"),
        SandboxExaminer(None).to_pdf([full], JPEG),
    ):
        pass
