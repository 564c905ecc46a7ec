"""PDFs as the libraries write them that clinics' own programs are built on."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import fpdf
import img2pdf
import pydyf
import pypdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen import canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table
from reportlab.platypus.tableofcontents import TableOfContents

from support import pdfs, pictures
from support.files import PDF, Sample

_DAY = datetime(2026, 5, 2, tzinfo=UTC)
_SIZE = (160, 100)
VERSIONS = ("1.3", "1.4", "1.5", "1.6", "1.7", "2.0")
MODES = ("1", "L", "RGB", "P", "CMYK")


def samples() -> list[Sample]:
    """All of them."""
    return [Sample(f"pdf of {name}", PDF, build) for name, build in _all()]


def _all() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for version in VERSIONS:
        yield f"version {version}", partial(_written, version)
        yield f"version {version}, linearized", partial(_written, version, linearize=True)
        if version >= "1.5":
            yield f"version {version}, packed", partial(_written, version, **pdfs.MODERN)
    for mode in MODES:
        yield f"pillow, {mode}", partial(_picture, "PDF", mode)
        yield f"a scan by img2pdf, {mode}", partial(_scan, "TIFF", mode)
    yield "pillow, two pages", lambda: pictures.animated("PDF")
    yield "a fax by img2pdf", partial(_scan, "TIFF", "1", compression="group4")
    scans: dict[str, dict[str, Any]] = {
        "JPEG": {"progressive": True, "quality": 95},
        "PNG": {"compress_level": 1},
        "JPEG2000": {"quality_mode": "rates"},
    }
    for form, options in scans.items():
        yield f"a scan by img2pdf, {form}", partial(_scan, form, "RGB", **options)
    yield "a scan by img2pdf, 16 bits", partial(_scan, "PNG", "I;16")
    yield "a scan by img2pdf, turned", lambda: img2pdf.convert(pictures.turned(6), nodate=True)
    yield (
        "a scan by img2pdf, many pages",
        lambda: img2pdf.convert([_picture("JPEG", quality=q) for q in range(10, 30)], nodate=True),
    )
    yield from ((f"reportlab, {name}", build) for name, build in REPORTLAB.items())
    yield from ((f"fpdf2, {name}", build) for name, build in FPDF2.items())
    yield from ((f"pypdf, {name}", build) for name, build in PYPDF.items())
    yield "pydyf", _pydyf
    yield "pydyf, compressed", lambda: _pydyf(compress=True)


def _written(version: str, **options: Any) -> bytes:
    return pdfs.written(pdfs.report(), force_version=version, **options)


def _picture(form: str, mode: str = "RGB", **options: Any) -> bytes:
    return pictures.encoded(pictures.photo(_SIZE, mode), form, **options)


def _scan(form: str, mode: str, **options: Any) -> bytes:
    scan: bytes = img2pdf.convert(_picture(form, mode, **options), nodate=True)
    return scan


def _canvas(draw: Callable[[canvas.Canvas], object], **options: object) -> bytes:
    file = io.BytesIO()
    drawn = canvas.Canvas(file, pagesize=A4, invariant=1, **options)
    drawn.drawString(72, 720, "Haemoglobin 13.5 g/dL")
    draw(drawn)
    drawn.showPage()
    drawn.save()
    return file.getvalue()


def _bookmarked(drawn: canvas.Canvas) -> None:
    drawn.bookmarkPage("results")
    drawn.addOutlineEntry("Results", "results")
    drawn.linkAbsolute("Results", "results", (72, 700, 200, 720))
    drawn.showOutline()


def _form(drawn: canvas.Canvas) -> None:
    drawn.acroForm.textfield(name="name", x=72, y=600)
    drawn.acroForm.checkbox(name="fasting", x=72, y=550)
    drawn.acroForm.choice(name="unit", options=["g/dL", "g/L"], value="g/L", x=72, y=500)


def _tables() -> bytes:
    file = io.BytesIO()
    styles = getSampleStyleSheet()
    story = [
        TableOfContents(),
        Paragraph('See <a href="https://lab.example" color="blue">our page</a>', styles["Normal"]),
        Table([["Test", "Value"], ["Hb", "13.5"]] * 60, repeatRows=1),
    ]
    SimpleDocTemplate(file, invariant=1, title="Report", author="Lab").multiBuild(story)
    return file.getvalue()


REPORTLAB: dict[str, Callable[[], bytes]] = {
    "plain": lambda: _canvas(lambda _: None),
    "uncompressed": lambda: _canvas(lambda _: None, pageCompression=0),
    "compressed": lambda: _canvas(lambda _: None, pageCompression=1),
    "with a link": lambda: _canvas(lambda c: c.linkURL("https://lab.example", (0, 0, 9, 9))),
    "with a mail's link": lambda: _canvas(
        lambda c: c.linkURL("mailto:a@lab.example", (0, 0, 9, 9))
    ),
    "with bookmarks": lambda: _canvas(_bookmarked),
    "with a form": lambda: _canvas(_form),
    "with a picture": lambda: _canvas(lambda c: c.drawInlineImage(pictures.photo((64, 40)), 0, 0)),
    "with a transition": lambda: _canvas(lambda c: c.setPageTransition("Wipe", 1)),
    "with its own font": lambda: _canvas(lambda c: c.setFont("Times-Roman", 9)),
    "that forbids copying": lambda: _canvas(lambda _: None, encrypt=_no_copies()),
    "of tables": _tables,
}


def _no_copies() -> object:
    from reportlab.lib.pdfencrypt import StandardEncryption

    return StandardEncryption("", ownerPassword="clinic", canCopy=0, strength=128)


def _fpdf(draw: Callable[[fpdf.FPDF], object], **options: object) -> bytes:
    drawn = fpdf.FPDF(**options)  # type: ignore[arg-type]
    drawn.set_creation_date(_DAY)
    drawn.add_page()
    drawn.set_font("Helvetica", size=12)
    drawn.cell(text="Haemoglobin 13.5 g/dL")
    draw(drawn)
    return bytes(drawn.output())


def _fpdf_table(drawn: fpdf.FPDF) -> None:
    with drawn.table() as table:
        for _ in range(90):
            table.row(("Haemoglobin", "13.5", "g/dL"))


def _fpdf_sections(drawn: fpdf.FPDF) -> None:
    drawn.start_section("Results")
    drawn.start_section("Blood", level=1)


def _fpdf_link(drawn: fpdf.FPDF) -> None:
    inner = drawn.add_link(page=1)
    drawn.cell(text="top", link=inner)
    drawn.cell(text="web", link="https://lab.example")


def _fpdf_locked(drawn: fpdf.FPDF) -> None:
    drawn.set_encryption(owner_password="clinic", permissions=fpdf.enums.AccessPermission.none())


FPDF2: dict[str, Callable[[], bytes]] = {
    "plain": lambda: _fpdf(lambda _: None),
    "uncompressed": lambda: _fpdf(lambda f: f.set_compression(False)),
    "landscape": lambda: _fpdf(lambda _: None, orientation="landscape"),
    "letter": lambda: _fpdf(lambda _: None, format="letter"),
    "of a table": lambda: _fpdf(_fpdf_table),
    "with sections": lambda: _fpdf(_fpdf_sections),
    "with links": lambda: _fpdf(_fpdf_link),
    "with html": lambda: _fpdf(lambda f: f.write_html("<h1>Results</h1><ul><li>Hb</li></ul>")),
    "with a picture": lambda: _fpdf(lambda f: f.image(pictures.photo((64, 40)), w=30)),
    "with a transparent picture": lambda: _fpdf(lambda f: f.image(pictures.photo((64, 40), "RGBA"))),
    "with a note": lambda: _fpdf(lambda f: f.text_annotation(9, 9, "see page 2")),
    "with a highlight": lambda: _fpdf(lambda f: f.add_text_markup_annotation("Highlight", "x", [0, 0, 9, 0, 0, 9, 9, 9])),
    "with a mark": lambda: _fpdf(lambda f: f.ink_annotation([(0, 0), (9, 9)])),
    "with data": lambda: _fpdf(lambda f: f.embed_file(bytes=b"<a/>", basename="a.xml", mime_type="text/xml")),
    "with a layout": lambda: _fpdf(lambda f: f.set_display_mode("fullwidth", "two")),
    "that forbids copying": lambda: _fpdf(_fpdf_locked),
}  # fmt: skip


def _pypdf(change: Callable[[pypdf.PdfWriter], object]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdfs.scanned()))
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _merged(writer: pypdf.PdfWriter) -> None:
    writer.append(io.BytesIO(pdfs.written(pdfs.report())), outline_item="Annex")


def _squeezed(writer: pypdf.PdfWriter) -> None:
    for page in writer.pages:
        page.compress_content_streams()


def _incremental() -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(pdfs.scanned()), incremental=True)
    writer.add_metadata({"/Title": "Report"})
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


PYPDF: dict[str, Callable[[], bytes]] = {
    "copied": lambda: _pypdf(lambda _: None),
    "merged": lambda: _pypdf(_merged),
    "with a title": lambda: _pypdf(lambda w: w.add_metadata({"/Title": "Report"})),
    "with bookmarks": lambda: _pypdf(lambda w: w.add_outline_item(title="Results", page_number=0)),
    "with data": lambda: _pypdf(lambda w: w.add_attachment(filename="a.xml", data=b"<a/>")),
    "squeezed": lambda: _pypdf(_squeezed),
    "turned": lambda: _pypdf(lambda w: [page.rotate(90) for page in w.pages]),
    "that forbids copying": lambda: _pypdf(
        lambda w: w.encrypt(user_password="", owner_password="clinic", algorithm="AES-256")
    ),
    "updated": _incremental,
}


def _pydyf(*, compress: bool = False) -> bytes:
    document, drawn = pydyf.PDF(), pydyf.Stream(compress=compress)
    drawn.rectangle(100, 100, 50, 70)
    drawn.fill()
    document.add_object(drawn)
    document.add_page(
        pydyf.Dictionary(
            {
                "Type": "/Page",
                "Parent": document.pages.reference,
                "MediaBox": pydyf.Array([0, 0, 595, 842]),
                "Contents": drawn.reference,
            }
        )
    )
    file = io.BytesIO()
    document.write(file, compress=compress)
    return file.getvalue()
