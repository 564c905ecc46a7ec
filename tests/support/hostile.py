"""Files that act, explode, or only make those busy who look into them."""

import io
import zlib
from collections.abc import Callable

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from medvault.adapters.sandbox import disarmed as disarmed_copy
from medvault.adapters.sandbox.decoding import STREAMS
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import Verdict
from support import pdfs, pictures
from support.files import JPEG, MEBIBYTE, PDF, PNG, Sample
from support.pdfs import action

SLACK, SPARE = 2 * MEBIBYTE, 1_000
"""Bytes by which a sample exceeds a limit; objects that one leaves unused, as writing adds some."""


def script() -> Dictionary:
    """JavaScript."""
    return action("JavaScript", JS=String("app.alert(1)"))


def disarmed(pdf: bytes) -> bytes:
    """The copy of a PDF that its owner is given."""
    copy = io.BytesIO()
    disarmed_copy.write(io.BytesIO(pdf), Limits(), copy)
    return copy.getvalue()


def launch() -> Dictionary:
    """A program to start."""
    return action("Launch", F=String("calc.exe"))


def _script_in_stream() -> bytes:
    def extend(pdf: Pdf) -> None:
        pdf.Root.OpenAction = action("JavaScript", JS=Stream(pdf, b"app.alert(1)"))

    return pdfs.changed(extend)


def _associated_file() -> bytes:
    def extend(pdf: Pdf) -> None:
        content = Dictionary(F=Stream(pdf, b"MZ"))
        pdf.Root.AF = Array([Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=content)])

    return pdfs.changed(extend)


def _page_trigger() -> bytes:
    def extend(pdf: Pdf) -> None:
        pdf.pages[1].AA = Dictionary(O=action("Named", N=Name.NextPage))

    return pdfs.changed(extend)


def _pdf(name: str, build: Callable[[], bytes], verdict: Verdict = Verdict.UNSCANNABLE) -> Sample:
    return Sample(f"pdf {name}", PDF, build, verdict)


ACTING = [
    _pdf(
        "with a script at its opening",
        lambda: pdfs.with_root(OpenAction=script()),
        Verdict.HAS_SCRIPT,
    ),
    _pdf("with a script in a stream", _script_in_stream, Verdict.HAS_SCRIPT),
    _pdf(
        "with a named script",
        lambda: pdfs.with_root(
            Names=Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script()])))
        ),
        Verdict.HAS_SCRIPT,
    ),
    _pdf(
        "with a script in an object stream",
        lambda: pdfs.object_stream(b"<</S/JavaScript/JS(app.alert\\(1\\))>>"),
        Verdict.HAS_SCRIPT,
    ),
    _pdf(
        "with a script whose name is escaped",
        lambda: pdfs.object_stream(b"<</#53/J#61vaScript/J#53(1)>>"),
        Verdict.HAS_SCRIPT,
    ),
    _pdf(
        "with a script deep in arrays",
        lambda: pdfs.object_stream(b"[[[[<</JS(1)>>]]]]"),
        Verdict.HAS_SCRIPT,
    ),
    _pdf(
        "with a script after another action",
        lambda: pdfs.with_root(OpenAction=action("GoTo", D=String("a"), Next=Array([script()]))),
        Verdict.HAS_SCRIPT,
    ),
    _pdf("with a trigger on a page", _page_trigger, Verdict.HAS_ACTION),
    _pdf(
        "with a program at its opening",
        lambda: pdfs.with_root(OpenAction=launch()),
        Verdict.HAS_ACTION,
    ),
    _pdf(
        "with a link to a program",
        lambda: pdfs.with_annotation(Subtype=Name.Link, A=launch()),
        Verdict.HAS_ACTION,
    ),
    _pdf(
        "with a form that sends itself away",
        lambda: pdfs.with_annotation(
            Subtype=Name.Link, A=action("SubmitForm", F=String("https://example.org"))
        ),
        Verdict.HAS_ACTION,
    ),
    _pdf(
        "with a file attached",
        lambda: pdfs.with_attachment(b"MZ" + bytes(99)),
        Verdict.HAS_ATTACHMENT,
    ),
    _pdf("with a file associated", _associated_file, Verdict.HAS_ATTACHMENT),
    _pdf(
        "with a file pinned to a page",
        lambda: pdfs.with_annotation(Subtype=Name.FileAttachment, FS=Dictionary(F=String("a.exe"))),
        Verdict.HAS_ACTION,
    ),
    _pdf(
        "with rich media", lambda: pdfs.with_annotation(Subtype=Name.RichMedia), Verdict.HAS_MEDIA
    ),
    _pdf(
        "with an xfa form",
        lambda: pdfs.with_root(AcroForm=Dictionary(Fields=Array([]), XFA=String("<xdp/>"))),
        Verdict.HAS_ACTION,
    ),
    _pdf(
        "locked to no one, with a script",
        lambda: pdfs.with_root(OpenAction=script(), encryption=pdfs.password("", 6)),
        Verdict.HAS_SCRIPT,
    ),
]


def exceeding(limits: Limits) -> list[Sample]:
    """PDFs that are beyond a limit by a little, each beyond one."""
    beyond = limits.decoded + SLACK
    return [
        _pdf(
            "that inflates a thousandfold",
            lambda: pdfs.with_filters(pdfs.deflated(beyond), "/FlateDecode"),
        ),
        _pdf(
            "that inflates a millionfold",
            lambda: pdfs.with_filters(
                zlib.compress(pdfs.deflated(beyond), 9), "/FlateDecode", "/FlateDecode"
            ),
        ),
        _pdf(
            "that inflates behind ascii",
            lambda: pdfs.with_filters(
                pdfs.deflated(beyond).hex().encode() + b">", "/ASCIIHexDecode", "/FlateDecode"
            ),
        ),
        _pdf(
            "with a stream that inflates and hides its length",
            lambda: pdfs.with_streams(pdfs.deflated(beyond), 1, length=b"0"),
        ),
        _pdf(
            "with streams that inflate together",
            lambda: pdfs.with_streams(pdfs.deflated(limits.decoded), STREAMS + 1),
        ),
        _pdf(
            "with object streams that inflate together",
            lambda: pdfs.object_streams(limits.decoded, STREAMS + 1),
        ),
        _pdf("with an object stream that inflates", lambda: pdfs.object_stream(b"<<>>", beyond)),
        _pdf("of too many pages", lambda: pdfs.many_pages(limits.pages + 1)),
        _pdf("of too many objects", lambda: pdfs.many_objects(limits.objects + 1)),
    ]


def within(limits: Limits) -> list[Sample]:
    """PDFs that are just within these limits."""
    return [
        Sample("pdf of many pages", PDF, lambda: pdfs.many_pages(limits.pages)),
        Sample("pdf of many objects", PDF, lambda: pdfs.many_objects(limits.objects - SPARE)),
        Sample(
            "pdf that inflates",
            PDF,
            lambda: pdfs.with_filters(pdfs.deflated(limits.decoded), "/FlateDecode"),
        ),
        Sample(
            "pdf with a few streams that inflate",
            PDF,
            lambda: pdfs.with_streams(pdfs.deflated(limits.decoded), STREAMS - 1),
        ),
    ]


EXPLODING = [
    _pdf(
        "with four filters",
        lambda: pdfs.with_filters(b"00>", *["/ASCIIHexDecode"] * 4),
    ),
    _pdf("nested too deep", lambda: pdfs.nested(100_000)),
    Sample(
        "png of 400 megapixels",
        PNG,
        lambda: pictures.blank_png(20_000, 20_000),
        Verdict.TOO_MANY_PIXELS,
    ),
    Sample(
        "jpeg that claims gigapixels",
        JPEG,
        lambda: pictures.claiming(pictures.jpeg(), 65_000, 65_000),
        Verdict.TOO_MANY_PIXELS,
    ),
]


def burner(streams: int) -> bytes:
    """A small PDF whose streams each inflate to 250 MiB, which is allowed, and takes its time.

    Behind their ends lie some bytes, lest their lengths alone tell that they are within the limit.
    """
    squeezed = pdfs.deflated(250 * MEBIBYTE) + bytes(16_000)

    def extend(pdf: Pdf) -> None:
        pdf.Root.Burner = Array(
            [
                pdf.make_indirect(Stream(pdf, squeezed, Filter=Name.FlateDecode))
                for _ in range(streams)
            ]
        )

    return pdfs.changed(extend)
