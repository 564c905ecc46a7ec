"""Whether a PDF holds together, stays within its limits, and what of it acts.

Filters are those of ISO 32000-2 §7.4.
"""

import io
from collections.abc import Sequence
from itertools import chain
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Stream

from medvault.adapters.sandbox import pdf_actions, pdf_files, polyglot, xfa
from medvault.adapters.sandbox.containers import containers
from medvault.adapters.sandbox.decoded import Archive, TooMuch
from medvault.adapters.sandbox.decoding import EXCEEDED, Budget
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import Verdict

MOST_WITHIN = 1
"""How many PDFs may be within each other below the one that is kept."""

_PACKED = 2  # ISO 32000-2 §7.5.8.3: the type of an entry for an object in an object stream
_LOST_DATA = ("treating stream as empty", "dictionary object; ignoring")
_OF_OTHERS = "unsupported encryption filter"
"""Not by passwords (ISO 32000-2 §7.6.5): with certificates, or by a program that sells books."""
_TWICE = "dictionary has duplicated key "


def objection(file: BinaryIO, limits: Limits, copy: Archive | None = None) -> Verdict | None:
    """Why the file can't be read or shown, else what acts; None where nothing speaks against it.

    Its decoded streams go into the `copy`, also where something acts.

    A PDF that opens without a password passes whatever its permissions: clamd decrypts it too.
    One that qpdf repairs passes if nothing of a page is lost.
    """
    bind(limits)
    before = pikepdf.settings.qpdf_limit_errors()
    found = _objection(file, limits, Budget(limits), copy, depth=0)
    if copy is not None:
        copy.end()
    return Verdict.UNSCANNABLE if pikepdf.settings.qpdf_limit_errors() > before else found


def passes_within(content: bytes, limits: Limits) -> bool:
    """Whether nothing speaks against a PDF that is within another one."""
    return _objection(io.BytesIO(content), limits, Budget(limits), None, MOST_WITHIN) is None


def bind(limits: Limits) -> None:
    """Have qpdf decode no more than the limits allow."""
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=limits.decoded,
        run_length_max_memory=limits.decoded,
        png_max_memory=limits.decoded,
        tiff_max_memory=limits.decoded,
    )


def _objection(
    file: BinaryIO, limits: Limits, budget: Budget, copy: Archive | None, depth: int
) -> Verdict | None:
    try:
        with pikepdf.open(file) as pdf:
            found = _acts_or_explodes(pdf, limits, budget, copy, depth)
            if found is not Verdict.UNSCANNABLE:
                warnings = [str(warning) for warning in pdf.get_warnings()]  # once: it forgets them
                found = _unshowable(pdf, warnings) or found or _ambiguous(warnings)
    except pikepdf.PasswordError:
        return Verdict.ENCRYPTED
    except TooMuch:
        return Verdict.UNSCANNABLE
    except pikepdf.PdfError as error:
        return _unreadable(str(error))
    return found or _is_another(file)


def _unreadable(error: str) -> Verdict:
    if EXCEEDED in error:
        return Verdict.UNSCANNABLE
    return Verdict.LOCKED_BY_CERTIFICATE if _OF_OTHERS in error else Verdict.DAMAGED


def _acts_or_explodes(
    pdf: pikepdf.Pdf, limits: Limits, budget: Budget, copy: Archive | None, depth: int
) -> Verdict | None:
    def passes(content: bytes) -> bool:
        within = io.BytesIO(content)
        return depth < MOST_WITHIN and _objection(within, limits, budget, copy, depth + 1) is None

    # Measured first: a reader of an object in one of these decodes all of it.
    table = pdf.get_xref_table()
    packed = {entry.obj_stream_number for entry in table.values() if entry.type == _PACKED}
    if len(table) > limits.objects or any(_explodes(pdf, number, budget) for number in packed):
        return Verdict.UNSCANNABLE
    if len(pdf.objects) > limits.objects or len(pdf.pages) > limits.pages:
        return Verdict.UNSCANNABLE
    acts: Verdict | None = None
    # The trailer too: some viewers take a catalogue that stands in it.
    for thing, entries in containers(chain(pdf.objects, [pdf.trailer])):
        is_stream = isinstance(thing, Stream) and thing.objgen[0] not in packed
        if is_stream and budget.exceeded_by(thing):
            return Verdict.UNSCANNABLE
        # Asked in any case: it has the copy made of a PDF within.
        carried = pdf_files.objection(thing, entries, passes)
        acts = acts or pdf_actions.objection(thing, entries) or carried
        if copy is not None and isinstance(thing, Stream):
            copy.take(thing, encrypted=pdf.is_encrypted)
    return acts


def _explodes(pdf: pikepdf.Pdf, number: int | None, budget: Budget) -> bool:
    packed = pdf.get_object((number or 0, 0))
    return isinstance(packed, Stream) and budget.exceeded_by(packed)


def _is_another(file: BinaryIO) -> Verdict | None:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return Verdict.HAS_ATTACHMENT if polyglot.hides(file.read(size)) else None


def _ambiguous(warnings: Sequence[str]) -> Verdict | None:
    """A key that is said twice: a viewer may read the other one."""
    twice = {warning.partition(_TWICE)[2].partition(";")[0] for warning in warnings}
    return Verdict.HAS_ACTION if twice & pdf_actions.TELLING else None


def _unshowable(pdf: pikepdf.Pdf, warnings: Sequence[str]) -> Verdict | None:
    if any(EXCEEDED in warning for warning in warnings):
        return Verdict.UNSCANNABLE
    repaired = any("reconstruct" in warning for warning in warnings)
    lost = any(warning.endswith(_LOST_DATA) for warning in warnings)
    if lost or not pdf.pages or (repaired and _lacks_something(pdf)):
        return Verdict.DAMAGED
    if xfa.is_dynamic(pdf):
        return Verdict.DYNAMIC_FORM
    return Verdict.PORTFOLIO if pdf_files.are_shown_first(pdf) else None


def _lacks_something(pdf: pikepdf.Pdf) -> bool:
    """Whether a page, its content or what is drawn on it is referred to and not there.

    A blank page refers to nothing. An object that is not there reads as null.
    """
    for thing in pdf.objects:
        if isinstance(thing, Dictionary) and _holds_null(thing.get("/Kids", Array())):
            return True
    for page in pdf.pages:
        entries = dict(page.obj.items())
        resources = entries.get("/Resources")
        drawn = resources.get("/XObject") if isinstance(resources, Dictionary) else None
        if "/Contents" in entries and _holds_null(entries["/Contents"]):
            return True
        if isinstance(drawn, Dictionary) and None in dict(drawn.items()).values():
            return True
    return False


def _holds_null(value: object) -> bool:
    return any(each is None for each in value) if isinstance(value, Array) else value is None
