"""Pages as a scanner keeps them without loss: large once they are decoded."""

import zlib
from collections.abc import Iterator

from pikepdf import Dictionary, Name, Pdf, Stream

from support import pdfs

WIDTH, HEIGHT = 2480, 3508
"""A4 at 300 dpi."""
PAGE_BYTES = WIDTH * HEIGHT * 3


def pages(count: int) -> bytes:
    """A PDF of pages in colour, no two of them alike."""
    pdf = Pdf.new()
    for picture in _pictures(count):
        page = pdf.add_blank_page(page_size=(595, 842))
        image = Stream(pdf, picture)
        image.Filter, image.Subtype = Name.FlateDecode, Name.Image
        image.Width, image.Height, image.BitsPerComponent = WIDTH, HEIGHT, 8
        image.ColorSpace = Name.DeviceRGB
        page.Resources = Dictionary(XObject=Dictionary(I=pdf.make_indirect(image)))
        page.Contents = Stream(pdf, b"q 595 0 0 842 0 0 cm /I Do Q")
    return pdfs.written(pdf, **pdfs.AS_IT_IS)


def _pictures(count: int) -> Iterator[bytes]:
    """Each has a first row of its own; the others are deflated once for all."""
    row = b"\xff" * 900 + bytes(range(256)) * 4
    rest = (row + b"\xff" * (3 * WIDTH - len(row))) * (HEIGHT - 1)
    deflated = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    tail = deflated.compress(rest) + deflated.flush()
    for number in range(count):
        first = number.to_bytes(3, "big") * WIDTH
        head = zlib.compressobj(1)
        begun = head.compress(first) + head.flush(zlib.Z_FULL_FLUSH)
        checksum = zlib.adler32(rest, zlib.adler32(first))
        yield begun + tail + checksum.to_bytes(4, "big")
