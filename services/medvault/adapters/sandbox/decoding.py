"""How much a PDF's streams decode to, found out without more than their limits allow.

Filters are those of ISO 32000-2 §7.4.
"""

import zlib

import pikepdf
from pikepdf import Array, Object

from medvault.adapters.sandbox.limits import Limits

IMAGE = "/Image"
MAX_FILTERS = 3
STREAMS = 2
"""All streams of a file together may decode to as much as so many that are at their limit."""
PICTURES = 32
"""The pictures of a file are counted apart: pages that are scanned without loss are large."""
EXCEEDED = "memory limit exceeded"

_DEFLATE = ("/FlateDecode", "/Fl")
_EXPANSION = {  # the most bytes that one byte can become
    **dict.fromkeys(_DEFLATE, 1032),
    **dict.fromkeys(("/LZWDecode", "/LZW"), 4096),
    **dict.fromkeys(("/RunLengthDecode", "/RL"), 64),
}
_UNMEASURED = 8


class Budget:
    """The rest of the bytes that a file, and the PDFs within it, may still decode to.

    An eighth is for streams that can't be large: they count as the most that they may become, and
    are not decoded.
    """

    def __init__(self, limits: Limits) -> None:
        self._each = limits.decoded
        self._small = limits.decoded * STREAMS // _UNMEASURED
        self._left = limits.decoded * STREAMS - self._small
        self._pictures = limits.decoded * PICTURES

    def exceeded_by(self, stream: Object) -> bool:
        """Take what a stream decodes to; True if it's too much, alone or with those before."""
        filters = [str(name) for name in _list(stream.get("/Filter"))]
        if len(filters) > MAX_FILTERS:
            return True
        if not any(name in _EXPANSION for name in filters):
            return False  # not more than the file has, and that is bounded
        # The size is not taken from /Length: qpdf finds the end of a stream that lies about it.
        most = len(memoryview(stream.get_raw_stream_buffer()))
        for name in filters:
            most *= _EXPANSION.get(name, 1)
        if most <= self._small:
            self._small -= most
            return False
        size = self._measured(stream, filters, most)
        if stream.get("/Subtype") == IMAGE:
            self._pictures -= size
        else:
            self._left -= size
        return size > self._each or min(self._left, self._pictures) < 0

    def _measured(self, stream: Object, filters: list[str], most: int) -> int:
        """How many bytes come out; more than a stream may have if nobody can say."""
        try:
            return len(memoryview(stream.get_stream_buffer()))
        except pikepdf.DataDecodingError as error:
            return self._each + 1 if EXCEEDED in str(error) else most
        except pikepdf.PdfError:  # filters that qpdf does not know, such as those of images
            if filters[0] not in _DEFLATE:
                return 0
            inflated = zlib.decompressobj()
            try:
                return len(inflated.decompress(stream.read_raw_bytes(), self._each + 1))
            except zlib.error:
                return 0


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, Array) else [] if value is None else [value]
