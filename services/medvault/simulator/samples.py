"""Reports a user can send without having one: made here, about nobody."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

_CLINIC = "Sunrise Diagnostics, Pune"
_PATIENT = "Patient: A. Sample    Age: 41    Ref: SPECIMEN-0001"
_INK = (38, 46, 66)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample as the menu shows it, and how its bytes are made."""

    title: str
    filename: str
    mime_type: str
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A sample as a file."""

    filename: str
    mime_type: str
    data: bytes


@cache
def sample(name: str) -> SampleFile:
    """The file of a sample.

    Raises:
        KeyError: there is none of this name.
    """
    item = SAMPLES[name]
    return SampleFile(item.filename, item.mime_type, item.make())


def _blood_test() -> bytes:
    return _pdf(
        "Complete blood count",
        "Collected: 14 March 2026    Reported: 14 March 2026",
        (
            ("Test", "Result", "Unit", "Reference"),
            ("Haemoglobin", "13.8", "g/dL", "13.0 - 17.0"),
            ("White blood cells", "6.9", "10^9/L", "4.0 - 11.0"),
            ("Platelets", "248", "10^9/L", "150 - 410"),
            ("Fasting glucose", "104", "mg/dL", "70 - 100  (high)"),
            ("HbA1c", "5.9", "%", "below 5.7  (high)"),
        ),
    )


def _x_ray() -> bytes:
    return _pdf(
        "Radiology report: chest X-ray, PA view",
        "Examined: 2 June 2026",
        (
            ("Finding", "", "", "Impression"),
            ("Lung fields", "clear", "", "normal"),
            ("Heart size", "0.46", "CTR", "within limits"),
            ("Bony thorax", "intact", "", "normal"),
        ),
    )


def _prescription() -> bytes:
    paper = Image.new("RGB", (1080, 1440), (250, 248, 240))
    draw = ImageDraw.Draw(paper)
    draw.rectangle((0, 0, 1080, 150), fill=(33, 94, 124))
    draw.text((60, 42), "Dr. R. Example, MBBS MD", font=_font(48), fill="white")
    draw.text((60, 102), "Family medicine    Specimen, not for dispensing", font=_font(24))
    lines = (
        ("Date: 9 July 2026", 34),
        ("Patient: A. Sample    Age: 41", 34),
        ("Rx", 84),
        ("1.  Metformin 500 mg       1-0-1   30 days", 38),
        ("2.  Atorvastatin 10 mg     0-0-1   30 days", 38),
        ("3.  Vitamin D3 60k         weekly   8 weeks", 38),
        ("Advice: walk 30 minutes a day, repeat HbA1c in", 32),
        ("three months, come back with the report.", 32),
    )
    top = 210
    for words, size in lines:
        draw.text((70, top), words, font=_font(size), fill=_INK)
        top += size + 48
    draw.line((640, 1270, 1000, 1270), fill=_INK, width=3)
    draw.text((730, 1285), "R. Example", font=_font(34), fill=_INK)
    table = Image.new("RGB", (1280, 1680), (112, 84, 62))
    mask = Image.new("L", paper.size, 255)
    shown = paper.rotate(-2.2, expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(shown, (70, 90), mask.rotate(-2.2, expand=True))
    shade = Image.linear_gradient("L").resize(table.size).point(lambda value: 255 - value // 5)
    photo = Image.composite(table, Image.new("RGB", table.size, (30, 22, 18)), shade)
    saved = io.BytesIO()
    photo.filter(ImageFilter.GaussianBlur(0.6)).save(saved, "JPEG", quality=84)
    return saved.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _pdf(heading: str, dates: str, table: Sequence[tuple[str, ...]]) -> bytes:
    marks = [
        "0.13 0.37 0.49 rg 0 762 595 80 re f 1 1 1 rg",
        _text(48, 800, 20, _CLINIC, bold=True),
        _text(48, 778, 10, "Specimen report, made by the simulator, about nobody"),
        "0.15 0.18 0.26 rg",
        _text(48, 726, 16, heading, bold=True),
        _text(48, 704, 10, _PATIENT),
        _text(48, 688, 10, dates),
    ]
    top = 650
    for number, row in enumerate(table):
        if number % 2 == 0:
            marks.append(f"0.92 0.95 0.97 rg 42 {top - 7} 511 22 re f 0.15 0.18 0.26 rg")
        for left, cell in zip((50, 230, 320, 400), row, strict=True):
            marks.append(_text(left, top, 11, cell, bold=number == 0))
        top -= 22
    marks.append(_text(48, top - 30, 10, "Checked by: Dr. L. Specimen, Pathology"))
    return _document("\n".join(marks).encode("ascii"))


def _text(left: int, top: int, size: int, words: str, *, bold: bool = False) -> str:
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{'B' if bold else 'R'} {size} Tf {left} {top} Td ({escaped}) Tj ET"


def _document(content: bytes) -> bytes:
    font = b"<< /Type /Font /Subtype /Type1 /Encoding /WinAnsiEncoding /BaseFont /%s >>"
    resources = b"/Resources << /Font << /R 5 0 R /B 6 0 R >> >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R " + resources,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    )
    pdf = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % place for place in places)
    pdf += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n" % (len(objects) + 1)
    return bytes(pdf + b"%d\n%%%%EOF\n" % start)


SAMPLES: dict[str, Sample] = {
    "blood-test": Sample("Blood test (PDF)", "blood-test.pdf", "application/pdf", _blood_test),
    "chest-x-ray": Sample("Chest X-ray report (PDF)", "chest-x-ray.pdf", "application/pdf", _x_ray),
    "prescription": Sample("Prescription (photo)", "prescription.jpg", "image/jpeg", _prescription),
}
