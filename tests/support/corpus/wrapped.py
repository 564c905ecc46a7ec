"""Sound PDFs as servers, mail gateways and old machines hand them on: with bytes before and behind."""

from functools import partial

from support import pdfs
from support.corpus.handwritten import CONTENT, document, stream
from support.files import PDF, Sample

_BOUNDARY = b"----WebKitFormBoundary7MA4YWxkTrZu0gW"
_PART = (
    b'--%b\r\nContent-Disposition: form-data; name="file"; filename="report.pdf"\r\n'
    b"Content-Type: application/pdf\r\n\r\n"
) % _BOUNDARY
_MACBINARY = b"\0\x0areport.pdf".ljust(65, b"\0") + b"PDF CARO".ljust(63, b"\0")
_HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nServer: lab\r\n\r\n"

BEFORE: dict[str, bytes] = {
    "a line": b"\n",
    "a line of windows": b"\r\n",
    "blanks": b" \t\r\n ",
    "a mark of utf-8": b"\xef\xbb\xbf",
    "the answer of a server": _HTTP,
    "the header of a cgi": b"Content-type: application/pdf\n\n",
    "the part of a form": _PART,
    "the part of a mail": b"Content-Type: application/pdf\nContent-Transfer-Encoding: binary\n\n",
    "macbinary": _MACBINARY,
    "a warning": b"Warning: Undefined variable $id in report.php on line 12\n",
    "zeros": bytes(512),
    "a kibibyte": b" " * 1024,
}
BEHIND: dict[str, bytes] = {
    "a line": b"\r\n",
    "the end of a form": b"\r\n--%b--\r\n" % _BOUNDARY,
    "zeros": bytes(8192),
    "the rest of a block": b"\x1a" * 2048,
    "a gateway's notice": b"\n-- \nThis mail was scanned.\n" * 60,
}
BASES: dict[str, bytes] = {
    "report": document(b"", b"/Contents 4 0 R", stream(CONTENT)),
    "report with a blank page": pdfs.changed(lambda pdf: pdf.add_blank_page()),
    "packed report with a blank page": pdfs.changed(
        lambda pdf: pdf.add_blank_page(), **pdfs.MODERN
    ),
}


def samples() -> list[Sample]:
    """All of them."""
    found: dict[str, bytes] = {}
    for base, file in BASES.items():
        found |= {f"{base} behind {name}": before + file for name, before in BEFORE.items()}
        found |= {f"{base} before {name}": file + behind for name, behind in BEHIND.items()}
        start = file.rpartition(b"startxref\n")[2]
        found |= {
            f"{base} whose table starts elsewhere": file.replace(start, b"7" + start),
            f"{base} between both": _PART + file + BEHIND["the end of a form"],
        }
    return [Sample(f"pdf {name}", PDF, partial(bytes, file)) for name, file in found.items()]
