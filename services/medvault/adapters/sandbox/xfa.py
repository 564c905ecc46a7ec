"""Forms of XFA: static ones lie over pages of their own, dynamic ones only a few programs can draw.

XML Forms Architecture 3.3, part 2; ISO 32000-1 §12.7.8.
"""

import re

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream, String

_DYNAMIC = re.compile(rb"dynamicRender\s*>\s*required")


def is_dynamic(pdf: pikepdf.Pdf) -> bool:
    """Whether the pages show nothing but that another program is wanted.

    The caller has measured what its streams decode to.
    """
    form = pdf.Root.get("/AcroForm")
    packets = form.get("/XFA") if isinstance(form, Dictionary) else None
    if packets is None:
        return False
    return bool(pdf.Root.get("/NeedsRendering", False)) or any(
        _DYNAMIC.search(_content(packet))
        for packet in (packets if isinstance(packets, Array) else [packets])
    )


def _content(packet: Object) -> bytes:
    if isinstance(packet, String):
        return bytes(packet)
    try:
        return packet.read_bytes() if isinstance(packet, Stream) else b""
    except pikepdf.PdfError:
        return b""
