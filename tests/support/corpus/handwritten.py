"""PDFs in a page of syntax, as a producer, or an attacker, writes them without a library."""

import zlib

from support import pdfs

CONTENT = b"BT /F1 12 Tf 72 720 Td (Haemoglobin 13.5 g/dL) Tj ET"


def document(
    catalogue: bytes = b"", page: bytes = b"", *others: bytes, trailer: bytes = b""
) -> bytes:
    """One page; `others` are objects from number 4 on."""
    return pdfs.handmade(
        [
            b"<</Type/Catalog/Pages 2 0 R" + catalogue + b">>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]/Resources<<>>>>",
            b"<</Type/Page/Parent 2 0 R" + page + b">>",
            *others,
        ],
        trailer,
    )


def stream(content: bytes, entries: bytes = b"", *, deflated: bool = False) -> bytes:
    """A stream object."""
    if deflated:
        content, entries = zlib.compress(content), entries + b"/Filter/FlateDecode"
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(content), content)


def link(action: bytes, entries: bytes = b"") -> bytes:
    """A page's entry: one link with this action."""
    return b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A" + action + entries + b">>]"


def widget(entries: bytes) -> bytes:
    """A page's entry: a button of a form."""
    return b"/Annots[<</Type/Annot/Subtype/Widget/FT/Btn/T(a)/Rect[0 0 9 9]" + entries + b">>]"


def attached(
    content: bytes, name: bytes = b"results.xml", kind: bytes = b"", *, entries: bytes = b""
) -> bytes:
    """A PDF with a file in its tree of names; `kind` is its type, with `#2f` for the slash."""
    declared = b"/Subtype/" + kind if kind else b""
    called = b"<" + name.hex().encode() + b">"
    names = b"/F" + called + b"/UF" + called if name else b""
    return document(
        b"/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>",
        b"",
        b"<</Type/Filespec" + names + b"/EF<</F 5 0 R/UF 5 0 R>>" + entries + b">>",
        stream(content, b"/Type/EmbeddedFile" + declared, deflated=True),
    )


def updated(file: bytes, objects: dict[int, bytes]) -> bytes:
    """The file with an incremental update (ISO 32000-2 §7.5.6) that replaces or adds objects."""
    start = int(file.rpartition(b"startxref")[2].split()[0])
    size = max([*objects, int(file.rpartition(b"/Size ")[2].split(b"/")[0]) - 1]) + 1
    out, sections = bytearray(file), b""
    for number, content in sorted(objects.items()):
        sections += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n%btrailer\n<</Size %d/Root 1 0 R/Prev %d>>\n" % (sections, size, start)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)
