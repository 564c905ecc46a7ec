"""PDFs that patients really have are kept: as they came, or without what acts in them."""

import io

import pikepdf

from medvault.adapters.sandbox import structure
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import ACTING, SNIFF_BYTES, FileKind, Verdict, sniff
from support import hostile, other_reader
from support.attacks import Attacks
from support.corpus import portals, wrapped
from support.files import Sample


def judged(file: bytes) -> Verdict | None:
    assert sniff(file[:SNIFF_BYTES]) is FileKind.PDF
    return structure.objection(io.BytesIO(file), Limits())


def lost(sample: Sample) -> str | None:
    """The loss that a patient would notice in a file; None where there is none."""
    file = sample.build()
    verdict = judged(file)
    if verdict is not sample.verdict:
        return f"taken for {verdict}"
    if verdict is None:
        return None
    copy = hostile.disarmed(file)
    if judged(copy) is not None or other_reader.acting(copy):
        return "its copy acts"
    if other_reader.pages(copy) != other_reader.pages(file):
        return "other pages"
    return None if values(copy) == values(file) else "other values in its form"


def values(file: bytes) -> list[str]:
    """The fields of a form, each with its value."""
    with pikepdf.open(io.BytesIO(file)) as pdf:
        form = pdf.Root.get("/AcroForm", pikepdf.Dictionary())
        fields = form.get("/Fields", pikepdf.Array())
        return [f"{field.get('/T')}: {field.get('/V')}" for field in fields]


def test_no_pdf_that_patients_have_is_refused(attacks: Attacks) -> None:
    samples = [*portals.samples(), *wrapped.samples()]
    found = {sample.name: missing for sample in samples if (missing := lost(sample))}
    acting = [sample for sample in samples if sample.verdict in ACTING]
    attacks.measured(
        kept_pdfs=len(samples), kept_pdfs_control=len(samples),
        kept_pdfs_refused=len(found), kept_pdfs_refused_control=len(acting),
    )  # fmt: skip
    assert found == {}
    assert len(samples) >= 200
    assert len(acting) >= 100
