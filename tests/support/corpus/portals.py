"""PDFs as portals, pharmacies and insurers hand them out: some act, and are kept without that.

Each habit is put upon PDFs of several producers.
"""

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from medvault.domain.media import Verdict
from support import pdfs
from support.corpus import printed, producers
from support.files import PDF, Sample
from support.pdfs import action

_PRODUCERS = (
    "reportlab, of tables",
    "reportlab, with a form",
    "fpdf2, of a table",
    "fpdf2, with data",
    "pypdf, merged",
    "pypdf, that forbids copying",
    "pydyf, compressed",
    "a scan by img2pdf, JPEG",
    "pillow, RGB",
    "version 1.7, packed",
)
_DATE = 'AFDate_KeystrokeEx("dd.mm.yyyy");'
_XDP = (
    ("config", b"<config><acrobat7><dynamicRender>forbidden</dynamicRender></acrobat7></config>"),
    ("template", b'<template xmlns="http://www.xfa.org/schema/xfa-template/3.0/"/>'),
    ("datasets", b"<xfa:datasets xmlns:xfa='http://www.xfa.org/schema/xfa-data/1.0/'/>"),
)


def _script(text: str) -> Dictionary:
    return action("JavaScript", JS=String(text))


def _field(pdf: Pdf, kind: Name, **entries: Any) -> None:
    """A field of the form, on the first page."""
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=kind, T="day", Rect=[9, 9, 99, 29], **entries
        )
    )
    if "/AcroForm" not in pdf.Root:
        pdf.Root.AcroForm = Dictionary(Fields=Array())
    pdf.Root.AcroForm.Fields.append(field)
    page = pdf.pages[0].obj
    page.Annots = Array([*page.get("/Annots", Array()), field])


def _date_field(pdf: Pdf) -> None:
    triggers = Dictionary(K=_script(_DATE), F=_script(_DATE.replace("Keystroke", "Format")))
    _field(pdf, Name.Tx, V="02.05.2026", AA=triggers)


def _computed(pdf: Pdf) -> None:
    _field(pdf, Name.Tx, AA=Dictionary(C=_script('AFSimple_Calculate("SUM", ["a"]);')))
    pdf.Root.AcroForm.CO = Array([pdf.Root.AcroForm.Fields[-1]])


def _button(act: Dictionary, pdf: Pdf) -> None:
    _field(pdf, Name.Btn, Ff=65536, A=act, MK=Dictionary(CA="Send"))


def _static_xfa(pdf: Pdf) -> None:
    _field(pdf, Name.Tx, V="Anna")
    parts = [[String(name), Stream(pdf, content)] for name, content in _XDP]
    pdf.Root.AcroForm.XFA = Array([each for part in parts for each in part])


def _opens(act: Dictionary, pdf: Pdf) -> None:
    pdf.Root.OpenAction = act


def _named_script(pdf: Pdf) -> None:
    named = Array([String("print"), _script("this.print(true);")])
    if "/Names" not in pdf.Root:
        pdf.Root.Names = Dictionary()
    pdf.Root.Names.JavaScript = Dictionary(Names=named)


def _page_script(pdf: Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=_script("this.zoom = 100;"))


def _before_printing(pdf: Pdf) -> None:
    pdf.Root.AA = Dictionary(WP=_script("app.beep(0);"))


def _link(act: Dictionary, pdf: Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[9, 9, 99, 29], A=act)
    page = pdf.pages[0].obj
    page.Annots = Array([*page.get("/Annots", Array()), pdf.make_indirect(link)])


def _attached(name: str, content: bytes, pdf: Pdf) -> None:
    pdf.attachments[name] = content


_SUBMIT = action("SubmitForm", F=Dictionary(FS=Name.URL, F="https://lab.example/form"), Flags=4)
HABITS: dict[str, tuple[Callable[[Pdf], object], Verdict | None]] = {
    "that prints itself": (partial(_opens, _script("this.print(true);")), Verdict.HAS_SCRIPT),
    "that asks for the printer": (partial(_opens, action("Named", N=Name.Print)), Verdict.HAS_ACTION),
    "with a script by name": (_named_script, Verdict.HAS_SCRIPT),
    "with a script of a page": (_page_script, Verdict.HAS_SCRIPT),
    "with a script before printing": (_before_printing, Verdict.HAS_SCRIPT),
    "with a field for a date": (_date_field, Verdict.HAS_SCRIPT),
    "with a field that is computed": (_computed, Verdict.HAS_SCRIPT),
    "with a button that sends": (partial(_button, _SUBMIT), Verdict.HAS_ACTION),
    "with a button that empties": (partial(_button, action("ResetForm")), Verdict.HAS_ACTION),
    "with a form of xfa": (_static_xfa, Verdict.HAS_ACTION),
    "with a link to another pdf": (
        partial(_link, action("GoToR", F="terms.pdf", D=Array([0, Name.Fit]))), Verdict.HAS_ACTION,
    ),
    "with a workbook": (partial(_attached, "results.xlsx", b"PK\3\4" + bytes(40)), Verdict.HAS_ATTACHMENT),
    "with json": (partial(_attached, "results.json", b'{"resourceType": "Observation"}'), None),
    "with a note": (partial(_attached, "note.txt", b"Please repeat in May."), None),
    "with another pdf": (partial(_attached, "terms.pdf", pdfs.scanned(1)), None),
    "with a blank page": (lambda pdf: pdf.add_blank_page(), None),
}  # fmt: skip


def samples() -> list[Sample]:
    """All of them, each with the name of what it is kept without."""
    made = {sample.name.removeprefix("pdf of "): sample.build for sample in producers.samples()}
    bases = {name: made[name]() for name in _PRODUCERS} | printed.pages()
    found = [
        Sample(f"pdf of {base} {name}", PDF, partial(_changed, file, change), verdict)
        for base, file in bases.items()
        for name, (change, verdict) in HABITS.items()
    ]
    bills = printed.bills(bases)
    return found + [
        Sample(f"pdf of {name}", PDF, partial(bytes, bill)) for name, bill in bills.items()
    ]


def _changed(file: bytes, change: Callable[[Pdf], object]) -> bytes:
    with pikepdf.open(io.BytesIO(file)) as pdf:
        change(pdf)
        return pdfs.written(pdf)
