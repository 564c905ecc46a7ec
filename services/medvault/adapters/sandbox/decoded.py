"""A decoded copy of a PDF's streams, for a scanner whose own parser may not find its way in.

The child writes it, as whoever reads the file must: a child that lies hides what a scan of the file
alone would have missed as well. It is an archive of the streams, so that each is known by its kind.
"""

from typing import BinaryIO

import pikepdf
from pikepdf import Object

from medvault.adapters.sandbox.decoding import IMAGE
from medvault.adapters.sandbox.limits import MAX_COPY

_BLOCK = 512
_END = 2 * _BLOCK


class TooMuch(Exception):
    """The streams decode to more than `MAX_COPY`."""


class Archive:
    """Takes decoded streams, as files of a tar archive (POSIX.1-1988, ustar)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = 0
        self._count = 0

    def take(self, stream: Object, *, encrypted: bool) -> None:
        """Write what a stream decodes to, unless that is what the file shows; raises `TooMuch`.

        A stream that qpdf can't decode is a picture, or nothing to anybody.
        """
        if stream.get("/Subtype") == IMAGE or not (encrypted or "/Filter" in stream):
            return
        try:
            content = stream.get_stream_buffer(pikepdf.StreamDecodeLevel.specialized)
        except pikepdf.PdfError:
            return
        self._write(memoryview(content))

    def _write(self, content: memoryview) -> None:
        self._size += _BLOCK + -(-len(content) // _BLOCK) * _BLOCK
        if self._size + _END > MAX_COPY:
            raise TooMuch
        self._count += 1
        self._file.write(_header(self._count, len(content)))
        self._file.write(content)
        self._file.write(bytes(-len(content) % _BLOCK))

    def end(self) -> None:
        """Write the end of the archive, if anything is in it."""
        if self._count:
            self._file.write(bytes(_END))
        self._file.flush()


def _header(number: int, size: int) -> bytes:
    def sealed(checksum: bytes) -> bytes:
        owner = b"0000600\0" + 2 * b"0000000\0"
        fields = (b"%d" % number).ljust(100, b"\0") + owner + b"%011o\0%011o\0" % (size, 0)
        return (fields + checksum + b"0" + bytes(100) + b"ustar\x0000").ljust(_BLOCK, b"\0")

    return sealed(b"%06o\0 " % sum(sealed(b" " * 8)))
