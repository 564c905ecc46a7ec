"""Whether a PDF holds together, stays within its limits, and holds nothing that acts.

Filters are those of ISO 32000-2 §7.4.
"""

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from medvault.adapters.sandbox import pdf_actions, pdf_files, polyglot
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
    """`ENCRYPTED`, `DAMAGED`, `UNSCANNABLE` or what acts; None where nothing speaks against it.

    What its streams decode to goes into the `copy`.

    A PDF that opens without a password passes whatever its permissions: clamd decrypts it too.
    One that qpdf repairs passes if no page's content is lost.
    """
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=limits.decoded,
        run_length_max_memory=limits.decoded,
        png_max_memory=limits.decoded,
        tiff_max_memory=limits.decoded,
    )
    before = pikepdf.settings.qpdf_limit_errors()
    found = _objection(file, limits, Budget(limits), copy, depth=0)
    if copy is not None:
        copy.end()
    return Verdict.UNSCANNABLE if pikepdf.settings.qpdf_limit_errors() > before else found


def _objection(
    file: BinaryIO, limits: Limits, budget: Budget, copy: Archive | None, depth: int
) -> Verdict | None:
    try:
        with pikepdf.open(file) as pdf:
            found = _acts_or_explodes(pdf, limits, budget, copy, depth) or _incomplete(pdf)
    except pikepdf.PasswordError:
        return Verdict.ENCRYPTED
    except TooMuch:
        return Verdict.UNSCANNABLE
    except pikepdf.PdfError as error:
        if _OF_OTHERS in str(error):
            return Verdict.LOCKED_BY_CERTIFICATE
        found = Verdict.UNSCANNABLE if EXCEEDED in str(error) else Verdict.DAMAGED
    return found or _is_another(file)


def _acts_or_explodes(
    pdf: pikepdf.Pdf, limits: Limits, budget: Budget, copy: Archive | None, depth: int
) -> Verdict | None:
    def passes(content: bytes) -> bool:
        within = io.BytesIO(content)
        return depth < MOST_WITHIN and _objection(within, limits, budget, copy, depth + 1) is None

    # Measured first: whoever reads an object in one of these decodes all of it.
    table = pdf.get_xref_table()
    packed = {entry.obj_stream_number for entry in table.values() if entry.type == _PACKED}
    if len(table) > limits.objects or any(_explodes(pdf, number, budget) for number in packed):
        return Verdict.UNSCANNABLE
    if len(pdf.objects) > limits.objects or len(pdf.pages) > limits.pages:
        return Verdict.UNSCANNABLE
    # The trailer too: some viewers take a catalogue that stands in it.
    for thing, entries in _containers(chain(pdf.objects, [pdf.trailer])):
        is_stream = isinstance(thing, Stream) and thing.objgen[0] not in packed
        if is_stream and budget.exceeded_by(thing):
            return Verdict.UNSCANNABLE
        found = pdf_actions.objection(thing, entries)
        found = found or pdf_files.objection(thing, entries, passes)
        if found is not None:
            return found
        if copy is not None and isinstance(thing, Stream):
            copy.take(thing, encrypted=pdf.is_encrypted)
    return None


def _explodes(pdf: pikepdf.Pdf, number: int | None, budget: Budget) -> bool:
    packed = pdf.get_object((number or 0, 0))
    return isinstance(packed, Stream) and budget.exceeded_by(packed)


def _is_another(file: BinaryIO) -> Verdict | None:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return Verdict.HAS_ATTACHMENT if polyglot.hides(file.read(size)) else None


def _incomplete(pdf: pikepdf.Pdf) -> Verdict | None:
    warnings = [str(warning) for warning in pdf.get_warnings()]
    if any(EXCEEDED in warning for warning in warnings):
        return Verdict.UNSCANNABLE
    if any(
        warning.partition(_TWICE)[2].partition(";")[0] in pdf_actions.TELLING
        for warning in warnings
    ):
        return Verdict.HAS_ACTION  # a viewer may read the other one
    repaired = any("reconstruct" in warning for warning in warnings)
    lost = any(warning.endswith(_LOST_DATA) for warning in warnings)
    # In a sound file a page may be blank; in a repaired one its content is what is missing.
    if lost or not pdf.pages or (repaired and any("/Contents" not in page for page in pdf.pages)):
        return Verdict.DAMAGED
    return None


def _containers(objects: Iterable[Object]) -> Iterator[tuple[Object, dict[str, Object]]]:
    """Every dictionary and stream once, also those inside others, and its entries."""
    for root in objects:
        waiting = [root]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, Array):
                inner: Iterable[object] = thing
            elif isinstance(thing, Dictionary | Stream):
                entries = dict(thing.items())
                yield thing, entries
                inner = entries.values()
            else:
                continue
            waiting += [
                value
                for value in inner
                if isinstance(value, Array | Dictionary) and not value.is_indirect
            ]
