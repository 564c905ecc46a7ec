"""A copy of a PDF that acts is kept, and no reader finds anything in it that acts."""

import io
from collections.abc import Callable
from contextlib import ExitStack
from typing import BinaryIO

import pikepdf
import pytest

from medvault.adapters.sandbox import disarmed, structure
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import ACTING, Verdict
from medvault.ports import Disarmed
from support import hostile, other_reader, pdfs
from support.attacks import Attacks
from support.corpus import acting, attached, handwritten
from support.files import MEBIBYTE, PDF

LIMITS = Limits(decoded=4 * MEBIBYTE)
SAMPLES = [*acting.samples(), *attached.harmful(), *hostile.ACTING]
BEFORE_OR_BEHIND = ("behind it", "before it", "before its end", "with a comment")
AROUND = [sample for sample in SAMPLES if sample.name.endswith(BEFORE_OR_BEHIND)]
_XFA = b"/AcroForm<</Fields[]/XFA[(config)4 0 R(template)5 0 R]>>"
_CONFIG = (
    b"<config><acrobat><acrobat7><dynamicRender>%b</dynamicRender></acrobat7></acrobat></config>"
)


def copied(file: bytes) -> bytes:
    copy = io.BytesIO()
    disarmed.write(io.BytesIO(file), LIMITS, copy)
    return copy.getvalue()


def judged(file: bytes) -> Verdict | None:
    return structure.objection(io.BytesIO(file), LIMITS)


def test_of_whatever_acts_a_copy_is_sound_and_does_not(attacks: Attacks) -> None:
    refused, left, seen, shown = [], [], [], 0
    for sample in SAMPLES:
        file = sample.build()
        copy = copied(file)
        refused += [sample.name] if judged(copy) is not None else []
        left += [sample.name] if other_reader.acting(copy) else []
        if not sample.name.endswith(BEFORE_OR_BEHIND):  # which the other reader does not take
            seen += [sample.name] if other_reader.acting(file) else []
            shown += other_reader.pages(copy) == other_reader.pages(file)
    attacks.measured(
        disarmed=len(SAMPLES), disarmed_control=len(SAMPLES),
        acting_in_copies=len(left), acting_in_copies_control=len(seen),
    )  # fmt: skip
    assert refused == []
    assert left == []
    assert len(seen) >= 90
    assert shown >= len(SAMPLES) - len(AROUND) - 3  # three have content outside of the file


def test_no_file_that_may_act_is_left_in_a_copy() -> None:
    for name, (content, *_) in attached.HARMFUL.items():
        file = attached.harmful_one(name)
        assert other_reader.embedded(file) == {content}, name
        assert content not in other_reader.embedded(copied(file)), name


def test_what_is_data_stays_beside_what_acts() -> None:
    data = handwritten.attached(b"<a/>", b"results.xml")
    script = data.replace(b"/Type/Catalog", b"/Type/Catalog/OpenAction<</S/JavaScript/JS(1)>>")
    assert judged(script) is Verdict.HAS_SCRIPT
    assert other_reader.embedded(copied(script)) == {b"<a/>"}


def test_nothing_stands_before_or_behind_a_copy() -> None:
    assert len(AROUND) >= 10
    for sample in AROUND:
        copy = copied(sample.build())
        assert copy.startswith(b"%PDF-"), sample.name
        assert copy.endswith(b"%%EOF\n"), sample.name
        assert other_reader.pages(copy), sample.name


def test_a_form_keeps_its_fields_and_loses_its_signature() -> None:
    def sign(pdf: pikepdf.Pdf) -> None:
        value = pikepdf.Dictionary(Type=pikepdf.Name.Sig, Filter=pikepdf.Name("/Adobe.PPKLite"))
        fields = [
            pikepdf.Dictionary(T="name", FT=pikepdf.Name.Tx, V="Anna"),
            pikepdf.Dictionary(T="signature", FT=pikepdf.Name.Sig, V=value),
        ]
        made = pikepdf.Array([pdf.make_indirect(field) for field in fields])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=made, SigFlags=3)
        pdf.Root.Perms = pikepdf.Dictionary(DocMDP=value)
        pdf.Root.OpenAction = hostile.script()

    with pikepdf.open(io.BytesIO(copied(pdfs.changed(sign)))) as pdf:
        name, signature = pdf.Root.AcroForm.Fields
        assert str(name.V) == "Anna"
        assert "/V" not in signature
        assert "/Perms" not in pdf.Root


def test_a_copy_is_not_encrypted_where_its_original_is_for_anybody_to_read() -> None:
    def arm(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = hostile.script()

    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdfs.changed(arm))) as pdf:
        pdf.save(made, encryption=pikepdf.Encryption(owner="secret", user=""))
    with pikepdf.open(made) as original, pikepdf.open(io.BytesIO(copied(made.getvalue()))) as copy:
        assert (original.is_encrypted, copy.is_encrypted) == (True, False)
        assert len(copy.pages) == len(original.pages)


@pytest.mark.parametrize(
    ("render", "verdict"), [(b"required", Verdict.DYNAMIC_FORM), (b"forbidden", Verdict.HAS_ACTION)]
)
def test_a_form_that_only_one_program_shows_is_told_from_one_that_all_show(
    render: bytes, verdict: Verdict
) -> None:
    parts = handwritten.stream(_CONFIG % render, deflated=True), handwritten.stream(b"<template/>")
    assert judged(handwritten.document(_XFA, b"", *parts)) is verdict
    needing = handwritten.document(_XFA + b"/NeedsRendering true", b"", *parts)
    assert judged(needing) is Verdict.DYNAMIC_FORM


def test_a_portfolio_is_told_from_a_pdf_that_hides_its_files() -> None:
    for view in (b"", b"/View/T", b"/View/D"):
        shown = handwritten.document(b"/Collection<</Type/Collection%b>>" % view)
        assert judged(shown) is Verdict.PORTFOLIO
    hidden = handwritten.document(b"/Collection<</Type/Collection/View/H>>")
    assert judged(hidden) is Verdict.HAS_ATTACHMENT


def test_a_pdf_for_the_holder_of_a_certificate_is_called_that() -> None:
    encryption = b"/Encrypt<</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s5/V 4>>/ID[<00><00>]"
    assert judged(handwritten.document(trailer=encryption)) is Verdict.LOCKED_BY_CERTIFICATE


def test_what_is_damaged_and_acts_is_damaged() -> None:
    file = pdfs.with_content(pdfs.noise(20_000), script=hostile.script())
    assert judged(file) is Verdict.HAS_SCRIPT
    assert judged(file[: len(file) * 6 // 10]) is Verdict.DAMAGED


class Liar(SandboxExaminer):
    """Its child hands over the file as it came, in the place of a copy."""

    def _disarmed(self, file: BinaryIO, stack: ExitStack) -> BinaryIO | None:
        del stack
        return file


@pytest.mark.parametrize(("examiner", "kept"), [(SandboxExaminer, 1), (Liar, 0)])
def test_a_copy_that_still_acts_is_not_kept(
    examiner: Callable[[None], SandboxExaminer], kept: int
) -> None:
    copies: list[Disarmed] = []
    acts = pdfs.with_root(OpenAction=hostile.script())
    verdict = examiner(None).examine([acts], PDF, keep=copies.append)
    assert [len(copies), verdict in ACTING] == [kept, not kept]
