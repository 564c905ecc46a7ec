"""The acting parts of a PDF, by names alone and another library than the one that removed them."""

import io
from collections.abc import Iterator
from typing import Any

import pypdf
from pypdf.generic import IndirectObject, StreamObject

_ACTIONS = {
    *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/ResetForm", "/GoToR", "/GoToE"),
    *("/GoToDp", "/Rendition", "/RichMediaExecute", "/GoTo3DView", "/SetOCGState", "/Hide"),
    *("/Frobnicate", "/NOP", "/SetState"),
}
_ANNOTATIONS = {"/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/Hologram", "/PS", "/U3D"}
_KEYS = {
    *("/JS", "/XFA", "/Collection", "/FFilter", "/FDecodeParms", "/Ref", "/OPI", "/Level1"),
    *("/RF", "/EP", "/Perms", "/Win", "/Unix", "/Mac", "/Renditions", "/AlternatePresentations"),
}
_ADDRESSES = ("http://", "https://", "www.", "mailto:", "tel:")


def acting(file: bytes) -> set[str]:
    """The names of all that acts; empty where nothing does."""
    reader = pypdf.PdfReader(io.BytesIO(file))
    found: set[str] = set()
    for entries, is_stream in _dictionaries(reader):
        found |= entries.keys() & _KEYS
        found |= {str(entries.get("/S"))} & _ACTIONS
        found |= {str(entries.get(key)) for key in ("/Subtype", "/Type")} & _ANNOTATIONS
        if is_stream and "/F" in entries:
            found.add("external data")
        if entries.get("/AA") and any(entries["/AA"].values()):
            found.add("/AA")
        if isinstance(uri := entries.get("/URI"), str) and not uri.startswith(_ADDRESSES):
            found.add("address")
    opening = reader.root_object.get("/OpenAction")
    opening = opening.get_object() if opening is not None else None
    if isinstance(opening, dict) and opening.get("/S") not in (None, "/GoTo"):
        found.add("/OpenAction")
    return found


def embedded(file: bytes) -> set[bytes]:
    """The files within."""
    reader = pypdf.PdfReader(io.BytesIO(file))
    kept = [entries["/EF"] for entries, _ in _dictionaries(reader) if "/EF" in entries]
    streams = [value.get_object() for each in kept for value in each.values()]
    return {each.get_data() for each in streams if isinstance(each, StreamObject)}


def pages(file: bytes) -> list[bytes]:
    """The content that each page draws."""
    reader = pypdf.PdfReader(io.BytesIO(file))
    contents = [page.get_contents() for page in reader.pages]
    return [b"" if each is None else each.get_data() for each in contents]


def _dictionaries(reader: pypdf.PdfReader) -> Iterator[tuple[dict[str, Any], bool]]:
    numbers = {number for table in reader.xref.values() for number in table}
    numbers |= set(reader.xref_objStm)
    waiting: list[Any] = [reader.trailer]
    waiting += [reader.get_object(IndirectObject(number, 0, reader)) for number in numbers]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, dict):
            entries = dict(dict.items(thing))
            yield entries, isinstance(thing, StreamObject)
            waiting += [each for each in entries.values() if not isinstance(each, IndirectObject)]
        elif isinstance(thing, list):
            waiting += [
                each for each in list.__iter__(thing) if not isinstance(each, IndirectObject)
            ]
