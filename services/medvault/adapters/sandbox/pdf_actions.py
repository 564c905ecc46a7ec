"""The parts of a PDF that act. An allow-list decides: an action that nobody knows here acts.

Names are those of ISO 32000-2: actions §12.6, annotations §12.5, file specifications §7.11,
multimedia §13. Each key is judged where it stands, for `/S` alone has a dozen meanings.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote_to_bytes

from pikepdf import Array, Dictionary, Name, Object, Stream, String

from medvault.domain.media import Verdict

_PAGE_TURNS = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}
_SHOWN = {  # kinds of annotation that only show something, until clicked
    *("/Text", "/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine"),
    *("/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Stamp", "/Ink", "/Popup"),
    *("/Widget", "/PrinterMark", "/TrapNet", "/Watermark", "/Redact", "/FileAttachment"),
}
_BY_KIND = {  # names that act wherever they stand; all other actions are `HAS_ACTION`
    "/JavaScript": Verdict.HAS_SCRIPT,
    **dict.fromkeys(("/Rendition", "/Movie", "/Sound", "/RichMediaExecute"), Verdict.HAS_MEDIA),
    "/GoTo3DView": Verdict.HAS_MEDIA,
    "/GoToE": Verdict.HAS_ATTACHMENT,
    **dict.fromkeys(("/Launch", "/GoToR", "/GoToDp", "/SubmitForm"), Verdict.HAS_ACTION),
    **dict.fromkeys(("/ImportData", "/ResetForm", "/Hide", "/Thread"), Verdict.HAS_ACTION),
    **dict.fromkeys(("/SetOCGState", "/Trans", "/SetState", "/NOP"), Verdict.HAS_ACTION),
}
_PLAYED = {
    *("/Screen", "/Movie", "/Sound", "/RichMedia", "/3D", "/Rendition", "/MediaClip"),
    *("/U3D", "/PRC", "/RichMediaContent", "/RichMediaSettings", "/SlideShow"),
}
_FILE_NAMES = ("/F", "/UF", "/DOS", "/Mac", "/Unix")
_WEB = re.compile(rb"(?i)(https?://(?![/\\])|www\.[a-z0-9-]+\.[a-z0-9])[^\x00-\x1f\x7f]*")
_MAIL = re.compile(rb"(?i)mailto:[^\x00-\x1f\x7f]*")
_TAKES_A_FILE = re.compile(rb"(?i)[?&]attach(ment)?=")
_PHONE = re.compile(rb"(?i)tel:[0-9a-z+\-. ()/;=,]*")  # neither * nor #: no codes
_MARKS = (b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf")


def objection(thing: Object, entries: Mapping[str, Object]) -> Verdict | None:
    """Return what acts in a dictionary or stream of these entries, without what it refers to."""
    return next((found for _, found in objections(thing, entries)), None)


def objections(thing: Object, entries: Mapping[str, Object]) -> Iterator[tuple[str, Verdict]]:
    """The keys under which something acts, and what it is."""
    for key in entries.keys() & TELLING:
        found = _BY_KEY[key](thing, entries[key])
        if found is not None:
            yield key, found


def only_shows(annotation: object) -> bool:
    """Whether an annotation is of a kind that does nothing before it is clicked."""
    return isinstance(annotation, Dictionary) and name(annotation, "/Subtype") in _SHOWN | {""}


def name(thing: Object, key: str) -> str:
    """The name under a key, with its slash; empty where there is none."""
    value = thing.get(key)
    return str(value) if isinstance(value, Name) else ""


def file_names(thing: Object) -> list[str]:
    """The names that a file specification gives its file, or the places to find it."""
    found = [thing.get(key) for key in _FILE_NAMES]
    return [str(value) for value in found if isinstance(value, String) and bytes(value)]


def reachable(uri: bytes) -> bool:
    """Whether a click on this may leave the PDF: for the web, a mail or a call."""
    if uri.startswith(_MARKS):
        uri = uri.decode("utf-8-sig" if uri[0] == 0xEF else "utf-16", "replace").encode()
    uri = uri.strip()
    plain = unquote_to_bytes(uri)
    if _MAIL.fullmatch(uri):
        return not _TAKES_A_FILE.search(plain)
    return bool(_WEB.fullmatch(uri) or _PHONE.fullmatch(plain))


def _action(action: object, holder: Object | None = None) -> Verdict | None:
    """Judge what stands where actions stand; destinations and what has no kind do nothing."""
    for each in _flat(action):
        kind = name(each, "/S")
        turns = kind == "/Named" and name(each, "/N") in _PAGE_TURNS
        if (
            kind in ("", "/GoTo")
            or turns
            or (kind == "/URI" and _is_clicked(holder) and _leads_out(each))
        ):
            continue
        return _BY_KIND.get(kind, Verdict.HAS_ACTION)
    return None


def _is_clicked(holder: Object | None) -> bool:
    return holder is not None and name(holder, "/Subtype") == "/Link"


def _leads_out(action: Object) -> bool:
    uri = action.get("/URI")
    return isinstance(uri, String) and reachable(bytes(uri))


def _opens(_: Object, value: object) -> Verdict | None:
    kinds = [kind for each in _flat(value) if (kind := name(each, "/S"))]
    return _action(value) or (Verdict.HAS_ACTION if set(kinds) - {"/GoTo"} else None)


def _activated(thing: Object, value: object) -> Verdict | None:
    return _action(value, thing)


def _follows(_: Object, value: object) -> Verdict | None:
    return _action(value)


def _triggers(_: Object, value: object) -> Verdict | None:
    """A trigger fires without a click, so it may do nothing at all."""
    kinds = [kind for each in _members(value) if (kind := name(each, "/S"))]
    return _BY_KIND.get(kinds[0], Verdict.HAS_ACTION) if kinds else None


def _stray(thing: Object, value: object) -> Verdict | None:
    """An action by its name, wherever it stands; elements of a structure are named freely."""
    if not isinstance(value, Name) or isinstance(thing.get("/P"), Dictionary):
        return None
    if str(value) == "/URI":
        return None if _leads_out(thing) else Verdict.HAS_ACTION
    return _BY_KIND.get(str(value)) or (
        _action(thing) if name(thing, "/Type") == "/Action" else None
    )


def _script(thing: Object, value: object) -> Verdict | None:
    acts = isinstance(value, String) or bool(name(thing, "/S"))
    return Verdict.HAS_SCRIPT if acts else None


def _script_tree(_: Object, value: object) -> Verdict | None:
    return Verdict.HAS_SCRIPT if _is_tree(value) else None


def _media_tree(_: Object, value: object) -> Verdict | None:
    return Verdict.HAS_MEDIA if _is_tree(value) else None


def _form(_: Object, value: object) -> Verdict | None:
    filled = isinstance(value, Stream | String) or (isinstance(value, Array) and len(value) > 0)
    return Verdict.HAS_ACTION if filled else None


def _annotations(_: Object, value: object) -> Verdict | None:
    kinds = {kind for each in _flat(value) if (kind := name(each, "/Subtype"))} - _SHOWN
    if kinds & _PLAYED:
        return Verdict.HAS_MEDIA
    return Verdict.HAS_ACTION if kinds else None


def _typed(thing: Object, value: object) -> Verdict | None:
    if not isinstance(value, Name):
        return None
    if isinstance(thing, Stream) and str(value) == "/PS":
        return Verdict.HAS_ACTION
    return Verdict.HAS_MEDIA if str(value) in _PLAYED else None


def _portfolio(thing: Object, value: object) -> Verdict | None:
    found = isinstance(value, Dictionary) and "/Pages" in thing
    return Verdict.HAS_ATTACHMENT if found else None


def _points_outside(thing: Object, _: object) -> Verdict | None:
    """A stream's data, or any file, that is to be read from elsewhere; `/EF` holds it within."""
    if isinstance(thing, Stream):
        return Verdict.HAS_ACTION
    # ISO 32000-2 §14.7.6.4: a user property's /F is how its value reads.
    inside = "/EF" in thing or "/N" in thing
    return Verdict.HAS_ACTION if file_names(thing) and not inside else None


def _of_a_stream(thing: Object, _: object) -> Verdict | None:
    return Verdict.HAS_ACTION if isinstance(thing, Stream) else None


def _base(_: Object, value: object) -> Verdict | None:
    """Where links without a scheme start from."""
    base = value.get("/Base") if isinstance(value, Dictionary) else None
    foreign = isinstance(base, String) and bytes(base) and not reachable(bytes(base))
    return Verdict.HAS_ACTION if foreign else None


_BY_KEY: dict[str, Callable[[Object, object], Verdict | None]] = {
    "/OpenAction": _opens,
    "/AA": _triggers,
    **dict.fromkeys(("/A", "/PA"), _activated),
    **dict.fromkeys(("/Next", "/NA"), _follows),
    "/S": _stray,
    "/JS": _script,
    "/JavaScript": _script_tree,
    **dict.fromkeys(("/Renditions", "/AlternatePresentations"), _media_tree),
    "/XFA": _form,
    "/Annots": _annotations,
    **dict.fromkeys(("/Type", "/Subtype", "/Subtype2"), _typed),
    "/Collection": _portfolio,
    **dict.fromkeys(_FILE_NAMES, _points_outside),
    **dict.fromkeys(("/FFilter", "/FDecodeParms", "/Ref", "/PS", "/Level1", "/OPI"), _of_a_stream),
    "/URI": _base,
}
TELLING = frozenset(_BY_KEY)
"""Keys that a file which says them twice means to be read in two ways."""


def _flat(value: object) -> Iterator[Object]:
    """The dictionary, or those in an array."""
    for each in value if isinstance(value, Array) else (value,):
        if isinstance(each, Dictionary | Stream):
            yield each


def _members(value: object) -> Iterator[Object]:
    if isinstance(value, Dictionary):
        for member in value.values():
            yield from _flat(member)


def _is_tree(value: object) -> bool:
    return any(name(each, "/S") for each in _members(value)) or (
        isinstance(value, Dictionary)
        and any(
            isinstance(value.get(key), Array) and len(value[key]) for key in ("/Names", "/Kids")
        )
    )
