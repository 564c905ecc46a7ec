"""The rule before the allow-list: it denies the acting parts by name. Only controls need it."""

import io
from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

_ACTIONS = {
    *("/JavaScript", "/Launch", "/GoToE", "/ImportData", "/SubmitForm"),
    *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute"),
}
_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}


def accepts(file: bytes, decoded: int) -> bool:
    """Whether release 75623f2 took the file; a stream might decode to `decoded` bytes, each."""
    try:
        with pikepdf.open(io.BytesIO(file)) as pdf:
            form = pdf.Root.get("/AcroForm")
            if isinstance(form, Dictionary) and "/XFA" in form:
                return False
            return len(pdf.pages) > 0 and not any(
                _acts(thing) or _explodes(thing, decoded) for thing in _containers(pdf.objects)
            )
    except pikepdf.PdfError:
        return False


def _acts(thing: Object) -> bool:
    action, keys = _name(thing, "/S"), thing.keys()
    return (
        action in _ACTIONS
        or _name(thing, "/Subtype") in _ANNOTATIONS
        or _name(thing, "/Type") == "/EmbeddedFile"
        or ("/JS" in keys and (bool(action) or isinstance(thing["/JS"], String)))
        or ("/EF" in keys and bool(_members(thing["/EF"], Stream)))
        or ("/AA" in keys and any(_name(each, "/S") for each in _members(thing["/AA"], Dictionary)))
    )


def _explodes(thing: Object, decoded: int) -> bool:
    if not isinstance(thing, Stream) or "/Filter" not in thing:
        return False
    try:
        return len(memoryview(thing.get_stream_buffer())) > decoded
    except pikepdf.DataDecodingError:
        return True
    except pikepdf.PdfError:
        return False


def _containers(objects: Iterable[Object]) -> Iterator[Object]:
    for root in objects:
        waiting = [root]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, Array):
                inner: Iterable[object] = iter(thing)
            elif isinstance(thing, Dictionary | Stream):
                yield thing
                inner = (value for _, value in thing.items())
            else:
                continue
            waiting += [
                value
                for value in inner
                if isinstance(value, Array | Dictionary) and not value.is_indirect
            ]


def _name(thing: Object, key: str) -> str:
    value = thing.get(key)
    return str(value) if isinstance(value, Name) else ""


def _members(value: object, kind: type[Object]) -> list[Object]:
    found = value.items() if isinstance(value, Dictionary) else ()
    return [member for _, member in found if isinstance(member, kind)]
