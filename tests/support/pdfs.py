"""PDFs of many producers' habits, and of attackers', made on the spot."""

import io
import random
import zlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import pikepdf
from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, Pdf, Stream

TEXT = b"BT /F1 12 Tf 72 720 Td (Haemoglobin 13.5 g/dL) Tj ET\n"
AS_IT_IS: dict[str, Any] = {
    "compress_streams": False,
    "stream_decode_level": pikepdf.StreamDecodeLevel.none,
}
CLASSIC: dict[str, Any] = {"object_stream_mode": ObjectStreamMode.disable}
MODERN: dict[str, Any] = {"object_stream_mode": ObjectStreamMode.generate}

Revision = Literal[2, 3, 4, 6]


def report(pages: int = 3) -> Pdf:
    """A laboratory's report in one font."""
    pdf = Pdf.new()
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    for number in range(pages):
        page = pdf.add_blank_page()
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = pdf.make_stream(TEXT * 40 + b"% page " + str(number).encode())
    return pdf


def with_a_picture() -> Pdf:
    """A page that draws one picture, which comes last in the file."""
    pdf = report(1)
    page = pdf.pages[0]
    picture = Stream(
        pdf,
        noise(30_000),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=100,
        Height=100,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
    )
    page.Resources.XObject = Dictionary(Im0=pdf.make_indirect(picture))
    page.Contents = Stream(pdf, b"q 500 0 0 500 0 0 cm /Im0 Do Q")
    return pdf


def written(pdf: Pdf, **options: Any) -> bytes:
    """The PDF's bytes."""
    file = io.BytesIO()
    pdf.save(file, **options)
    return file.getvalue()


def changed(change: Callable[[Pdf], object], **options: Any) -> bytes:
    """A report after a change to it."""
    pdf = report()
    change(pdf)
    return written(pdf, **options)


def with_content(content: bytes, script: Dictionary | None = None, **options: Any) -> bytes:
    """One page that holds these bytes, and what happens at its opening."""
    pdf = report(1)
    pdf.pages[0].Contents = Stream(pdf, content)
    if script is not None:
        pdf.Root.OpenAction = script
    return written(pdf, **options)


def with_filters(data: bytes, *filters: str) -> bytes:
    """One page whose encoded content is `data`."""
    pdf = report(1)
    names = Array([Name(name) for name in filters])
    pdf.pages[0].Contents = Stream(pdf, data, Filter=names)
    return written(pdf, **AS_IT_IS)


def with_annotation(**entries: Any) -> bytes:
    """An annotation on the last page."""

    def annotate(pdf: Pdf) -> None:
        annotation = Dictionary(Type=Name.Annot, Rect=Array([0, 0, 9, 9]), **entries)
        pdf.pages[-1].Annots = Array([pdf.make_indirect(annotation)])

    return changed(annotate)


def with_root(encryption: Encryption | None = None, **entries: Any) -> bytes:
    """Entries of the catalogue."""

    def extend(pdf: Pdf) -> None:
        for key, value in entries.items():
            pdf.Root[Name("/" + key)] = value

    return changed(extend, **({"encryption": encryption} if encryption else {}))


def with_attachment(content: bytes) -> bytes:
    """A file inside the file."""

    def attach(pdf: Pdf) -> None:
        pdf.attachments["results.xml"] = content

    return changed(attach)


def action(kind: str, **entries: Any) -> Dictionary:
    """An action dictionary."""
    return Dictionary(Type=Name.Action, S=Name("/" + kind), **entries)


def password(user: str, revision: Revision) -> Encryption:
    """Encryption of ISO 32000-2's revisions 2 to 6; an empty `user` password opens for everyone."""
    if revision >= 4:
        return Encryption(owner="clinic", user=user, R=revision)
    return Encryption(owner="clinic", user=user, R=revision, aes=False, metadata=False)


def locked(user: str, revision: Revision) -> bytes:
    """An encrypted report."""
    return written(report(), encryption=password(user, revision))


def locked_by_certificate() -> bytes:
    """A report for those who have a key that fits (ISO 32000-2 §7.6.5)."""
    return locked("", 6).replace(b"/Filter /Standard", b"/Filter /Adobe.PubSec", 1)


LOCKED: dict[int, Callable[[], bytes]] = {
    2: lambda: locked("secret", 2),
    3: lambda: locked("secret", 3),
    4: lambda: locked("secret", 4),
    6: lambda: locked("secret", 6),
}


def handmade(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF 1.4 of numbered objects, the first being the catalogue."""
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
    out += b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def with_streams(data: bytes, count: int, length: bytes = b"") -> bytes:
    """One page, and so many streams of deflated `data`, which may lie about their length."""
    claimed = length or b"%d" % len(data)
    encoded = b"<</Filter/FlateDecode/Length %b>>stream\n%b\nendstream" % (claimed, data)
    return handmade(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 9 9]/Resources<<>>>>",
            b"<</Type/Page/Parent 2 0 R>>",
            *[encoded] * count,
        ]
    )


def scanned(pages: int = 6) -> bytes:
    """A scanner's way: the page tree comes first, then each page and its content."""
    kids = b" ".join(b"%d 0 R" % (3 + 2 * index) for index in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%b]/MediaBox[0 0 99 99]/Resources<<>>>>" % (pages, kids),
    ]
    for index in range(pages):
        content = TEXT * 30
        objects.append(b"<</Type/Page/Parent 2 0 R/Contents %d 0 R>>" % (4 + 2 * index))
        objects.append(b"<</Length %d>>stream\n%b\nendstream" % (len(content), content))
    return handmade(objects)


def looping_xref() -> bytes:
    """Cross-reference tables that each name the other as their predecessor."""
    file = scanned()
    start = file.rindex(b"xref\n0 ")
    return file.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % start)


def looping_pages() -> bytes:
    """A page tree that is its own child."""
    return handmade(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[2 0 R]/Parent 2 0 R>>"]
    )


def nested(depth: int) -> bytes:
    """Arrays in arrays."""
    return handmade(
        [
            b"<</Type/Catalog/Pages 2 0 R/Deep 4 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 9 9]/Resources<<>>>>",
            b"<</Type/Page/Parent 2 0 R>>",
            b"[" * depth + b"]" * depth,
        ]
    )


def many_objects(count: int) -> bytes:
    """A page and a crowd of numbers that nobody refers to."""
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 9 9]/Resources<<>>>>"
    start = [b"<</Type/Catalog/Pages 2 0 R>>", pages, b"<</Type/Page/Parent 2 0 R>>"]
    return handmade(start + [b"<</K[<<>><<>>]>>"] * (count - len(start)))


def many_pages(count: int) -> bytes:
    """Pages without end."""
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + count))
    tree = b"<</Type/Pages/Count %d/MediaBox[0 0 9 9]/Resources<<>>/Kids[%b]>>" % (count, kids)
    page = b"<</Type/Page/Parent 2 0 R>>"
    return handmade([b"<</Type/Catalog/Pages 2 0 R>>", tree, *[page] * count])


def object_stream(inner: bytes, padding: int = 0) -> bytes:
    """A PDF 1.5 that keeps `inner`, then spaces, as object 4 of a compressed object stream."""
    return _packed([inner], padding)


def object_streams(size: int, count: int) -> bytes:
    """A PDF 1.5 of so many object streams, each of which decodes to `size` bytes."""
    return _packed([b"<<>>"] * count, size - 8)


def _packed(inners: Sequence[bytes], padding: int) -> bytes:
    """Objects 4, 6 and so on, each in an object stream of its own with the number after it."""
    out, entries = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), {0: (0, 0, 255)}

    def add(number: int, content: bytes) -> None:
        entries[number] = (1, len(out), 0)
        out.extend(b"%d 0 obj\n%b\nendobj\n" % (number, content))

    add(1, b"<</Type/Catalog/Pages 2 0 R/Extra 4 0 R>>")
    add(2, b"<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 9 9]/Resources<<>>>>")
    add(3, b"<</Type/Page/Parent 2 0 R>>")
    for index, inner in enumerate(inners):
        number, holder = 4 + 2 * index, 5 + 2 * index
        listed = b"%d 0 " % number
        body = zlib.compress(listed + inner + b" " * padding, 9)
        entries[number] = (2, holder, 0)
        kept = (len(listed), len(body))
        named = b"<</Type/ObjStm/N 1/First %d/Filter/FlateDecode/Length %d>>" % kept
        add(holder, named + b"stream\n%b\nendstream" % body)
    start, last = len(out), 4 + 2 * len(inners)
    entries[last] = (1, start, 0)
    rows = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + bytes([generation])
        for _, (kind, place, generation) in sorted(entries.items())
    )
    table = b"<</Type/XRef/Size %d/W[1 4 1]/Root 1 0 R/Length %d>>" % (last + 1, len(rows))
    out += b"%d 0 obj\n%bstream\n%b\nendstream\nendobj\n" % (last, table, rows)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def deflated(size: int) -> bytes:
    """So many zeros, squeezed a thousandfold."""
    squeeze, block = zlib.compressobj(9), bytes(1024 * 1024)
    squeezed = b"".join(squeeze.compress(block) for _ in range(size // len(block)))
    return squeezed + squeeze.flush()


def noise(size: int) -> bytes:
    """The same random bytes every time."""
    return random.Random(size).randbytes(size)
