"""Streams that any viewer decodes, in dictionaries that lead a scanner's own parser astray."""

import zlib

from support.corpus import handwritten


def dictionaries(content: bytes) -> dict[str, bytes]:
    """PDFs whose page has this content, deflated."""
    squeezed = zlib.compress(content)
    rows = zlib.compress(b"".join(b"\0" + content[at : at + 8] for at in range(0, len(content), 8)))
    deflated = b"/Filter/FlateDecode"
    found = {
        "behind a string that ends a dictionary": (b"/A(>>)" + deflated, squeezed),
        "behind a string that begins a dictionary": (b"/A(<<)" + deflated, squeezed),
        "behind a nested string that ends one": (b"/A<</B(>>)>>" + deflated, squeezed),
        "behind a comment that ends a dictionary": (b"/A 1 % >>\n" + deflated, squeezed),
        "behind a comment that begins a dictionary": (b"/A 1 % <<\n" + deflated, squeezed),
        "behind a string that ends an object": (b"/A(endobj)" + deflated, squeezed),
        "behind a string that begins a stream": (b"/A(stream )" + deflated, squeezed),
        "behind a string that is an object": (b"/A(9 0 obj <</B 1>> endobj)" + deflated, squeezed),
        "with rows of a predictor": (
            deflated + b"/DecodeParms<</Predictor 15/Columns 8>>",
            rows,
        ),
    }
    return {name: _page(entries, data) for name, (entries, data) in found.items()} | {
        "by a filter that stands elsewhere": _page(b"/Filter 5 0 R", squeezed, b"/FlateDecode"),
    }


def _page(entries: bytes, data: bytes, *objects: bytes) -> bytes:
    held = b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(data), entries, data)
    return handwritten.document(b"", b"/Contents 4 0 R", held, *objects)
