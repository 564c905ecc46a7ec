"""A copy of a PDF without what acts in it, as `structure` finds it.

The copy is examined as any other file: nothing here has to be complete.
"""

import warnings
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from medvault.adapters.sandbox import pdf_actions, pdf_files, structure
from medvault.adapters.sandbox.containers import containers
from medvault.adapters.sandbox.limits import Limits

_ROUNDS = 4
"""Taking something away uncovers what acts behind it, such as the next action of a chain."""
_FILE = ("/EF", "/RF", "/EP", "/F", "/UF", "/DOS", "/Mac", "/Unix")
_KINDS = ("/Type", "/Subtype", "/Subtype2")


def write(file: BinaryIO, limits: Limits, target: BinaryIO) -> None:
    """Write the copy; raises `PdfError` on a PDF that can't be read.

    It is no more encrypted, has no earlier versions of itself and nothing before or behind it. Its
    signatures are gone with what they vouched for: a viewer would call them forged.
    """
    structure.bind(limits)
    with pikepdf.open(file) as pdf:
        _drop_files(pdf, limits)
        for _ in range(_ROUNDS):
            if not _disarm(pdf):
                break
        _unsign(pdf)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
            pdf.save(target, deterministic_id=True, fix_metadata_version=False)


def _drop_files(pdf: pikepdf.Pdf, limits: Limits) -> None:
    def passes(content: bytes) -> bool:
        return structure.passes_within(content, limits)

    for thing, entries in _all(pdf):
        if pdf_files.objection(thing, entries, passes) is None:
            continue
        _remove(thing, *_FILE)
        if isinstance(thing, Stream):
            _empty(thing)


def _disarm(pdf: pikepdf.Pdf) -> bool:
    """Take away what acts; returns whether there was anything."""
    found = False
    for thing, entries in _all(pdf):
        for key, _ in list(pdf_actions.objections(thing, entries)):
            _take_away(thing, key)
            found = True
        if "/Annots" in thing:
            _unpin(thing)
    return found


def _all(pdf: pikepdf.Pdf) -> Iterator[tuple[Object, dict[str, Object]]]:
    return containers(chain(pdf.objects, [pdf.trailer]))


def _take_away(thing: Object, key: str) -> None:
    if key == "/Annots":
        each = thing[key] if isinstance(thing[key], Array) else Array()
        thing[key] = Array(list(filter(pdf_actions.only_shows, each)))
    elif key == "/S":  # an action, of which nothing is left
        _remove(thing, *thing.keys())
    elif key in _KINDS and isinstance(thing, Stream):
        _empty(thing)
    else:
        _remove(thing, key)


def _empty(stream: Stream) -> None:
    stream.write(b"")
    _remove(stream, *_KINDS)


def _remove(thing: Object, *keys: str) -> None:
    for key in keys:
        if key in thing:
            del thing[key]


def _unpin(page: Object) -> None:
    """Take away pins whose file is gone."""
    annotations = page["/Annots"]
    if isinstance(annotations, Array):
        left = [each for each in annotations if not _is_empty_pin(each)]
        if len(left) < len(annotations):
            page["/Annots"] = Array(left)


def _is_empty_pin(annotation: object) -> bool:
    if not isinstance(annotation, Dictionary):
        return False
    file = annotation.get("/FS")
    pinned = pdf_actions.name(annotation, "/Subtype") == "/FileAttachment"
    return pinned and not (isinstance(file, Dictionary) and "/EF" in file)


def _unsign(pdf: pikepdf.Pdf) -> None:
    _remove(pdf.Root, "/Perms", "/DSS")
    for field in pdf.objects:
        if isinstance(field, Dictionary):
            _remove(field, "/SigFlags")
            if pdf_actions.name(field, "/FT") == "/Sig":
                _remove(field, "/V")
