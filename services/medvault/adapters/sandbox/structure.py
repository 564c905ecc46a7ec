"""Whether a PDF holds together, and holds nothing that acts.

Names are those of ISO 32000-2: actions §12.6, annotations §12.5, filters §7.4.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import Verdict

MAX_FILTERS = 3

_ACTIONS = {
    *("/JavaScript", "/Launch", "/GoToE", "/ImportData", "/SubmitForm"),
    *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute"),
}
_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}
_TELLING = {"/S", "/Subtype", "/Type", "/JS", "/EF", "/AA"}
_EXPANSION = {  # the most bytes that one byte can become
    **dict.fromkeys(("/FlateDecode", "/Fl"), 1032),
    **dict.fromkeys(("/LZWDecode", "/LZW"), 4096),
    **dict.fromkeys(("/RunLengthDecode", "/RL"), 64),
}
_EXCEEDED = "memory limit exceeded"
_LOST_DATA = ("treating stream as empty", "dictionary object; ignoring")


def objection(file: BinaryIO, limits: Limits) -> Verdict | None:
    """`ENCRYPTED`, `DAMAGED` or `UNSCANNABLE`; None where nothing speaks against the PDF.

    A PDF that opens without a password passes whatever its permissions: clamd decrypts it too.
    One that qpdf repairs passes if no page's content is lost.
    """
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=limits.decoded,
        run_length_max_memory=limits.decoded,
        png_max_memory=limits.decoded,
        tiff_max_memory=limits.decoded,
    )
    try:
        with pikepdf.open(file) as pdf:
            found = _acts_or_explodes(pdf, limits) or _incomplete(pdf)
    except pikepdf.PasswordError:
        return Verdict.ENCRYPTED
    except pikepdf.PdfError as error:
        found = Verdict.UNSCANNABLE if _EXCEEDED in str(error) else Verdict.DAMAGED
    return Verdict.UNSCANNABLE if pikepdf.settings.qpdf_limit_errors() else found


def _acts_or_explodes(pdf: pikepdf.Pdf, limits: Limits) -> Verdict | None:
    if len(pdf.objects) > limits.objects or len(pdf.pages) > limits.pages:
        return Verdict.UNSCANNABLE
    if "/XFA" in _dictionary(pdf.Root.get("/AcroForm")):
        return Verdict.UNSCANNABLE
    for thing in _containers(pdf.objects):
        if _acts(thing) or (isinstance(thing, Stream) and _explodes(thing, limits.decoded)):
            return Verdict.UNSCANNABLE
    return None


def _incomplete(pdf: pikepdf.Pdf) -> Verdict | None:
    warnings = [str(warning) for warning in pdf.get_warnings()]
    if any(_EXCEEDED in warning for warning in warnings):
        return Verdict.UNSCANNABLE
    repaired = any("reconstruct" in warning for warning in warnings)
    lost = any(warning.endswith(_LOST_DATA) for warning in warnings)
    # In a sound file a page may be blank; in a repaired one its content is what is missing.
    if lost or not pdf.pages or (repaired and any("/Contents" not in page for page in pdf.pages)):
        return Verdict.DAMAGED
    return None


def _containers(objects: Iterable[Object]) -> Iterator[Object]:
    """Every dictionary and stream once, also those inside others."""
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
                if isinstance(value, Object)
                and not value.is_indirect
                and isinstance(value, Array | Dictionary)
            ]


def _acts(thing: Object) -> bool:
    """Whether this is an action, or holds some; keys alone prove nothing, fonts may be so named."""
    keys = thing.keys() & _TELLING
    if not keys:
        return False
    action = _name(thing, "/S")
    return (
        action in _ACTIONS
        or _name(thing, "/Subtype") in _ANNOTATIONS
        or _name(thing, "/Type") == "/EmbeddedFile"
        or ("/JS" in keys and (bool(action) or isinstance(thing["/JS"], String)))
        or ("/EF" in keys and bool(_members(thing["/EF"], Stream)))
        or ("/AA" in keys and any(_name(each, "/S") for each in _members(thing["/AA"], Dictionary)))
    )


def _explodes(stream: Object, most_decoded: int) -> bool:
    filters = [str(name) for name in _list(stream.get("/Filter"))]
    if len(filters) > MAX_FILTERS:
        return True
    most = int(stream.get("/Length", 0))
    for name in filters:
        most *= _EXPANSION.get(name, 1)
    if most <= most_decoded:
        return False
    try:
        return len(memoryview(stream.get_stream_buffer())) > most_decoded
    except pikepdf.DataDecodingError:
        return True
    except pikepdf.PdfError:  # filters that qpdf does not know, such as those of images
        return False


def _name(thing: Object, key: str) -> str:
    value = thing.get(key)
    return str(value) if isinstance(value, Name) else ""


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, Array) else [] if value is None else [value]


def _dictionary(value: object) -> Dictionary:
    return value if isinstance(value, Dictionary) else Dictionary()


def _members(value: object, kind: type[Object]) -> list[Object]:
    return [member for _, member in _dictionary(value).items() if isinstance(member, kind)]
