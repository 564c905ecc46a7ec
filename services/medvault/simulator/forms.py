"""Multipart bodies read piece by piece, the file straight into its sink."""

from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from medvault.simulator.files import SealedWriter

_FIELD_BYTES = 64 * 1024
OpenFile = Callable[[str], SealedWriter]


class BrokenForm(Exception):
    """The body isn't the multipart form its header promises."""


@dataclass(slots=True)
class FormFile:
    """The part named `file`: its sealed bytes, already closed."""

    filename: str
    mime_type: str
    written: SealedWriter


@dataclass(slots=True)
class Form:
    """The plain fields, and the file if there was one."""

    fields: dict[str, str] = field(default_factory=dict)
    file: FormFile | None = None

    def discard(self) -> None:
        """Forget the file."""
        if self.file is not None:
            self.file.written.discard()


class _Reader:
    def __init__(self, boundary: bytes, open_file: OpenFile) -> None:
        self.form = Form()
        self._open_file = open_file
        self._header = bytearray()
        self._value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._data = bytearray()
        self._sink: SealedWriter | None = None
        self.ended = False
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, i, j: self._header.extend(data[i:j]),
                "on_header_value": lambda data, i, j: self._value.extend(data[i:j]),
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    def _begin(self) -> None:
        self._headers = {}
        self._data.clear()
        self._sink = None

    def _header_end(self) -> None:
        self._headers[bytes(self._header).lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options or self.form.file is not None:
            return
        mime_type = self._headers.get(b"content-type", b"application/octet-stream").decode(
            "latin-1"
        )
        self._sink = self._open_file(mime_type)
        filename = options[b"filename"].decode("utf-8", "replace")
        self.form.file = FormFile(filename, mime_type, self._sink)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._sink is not None:
            self._sink.write(data[start:end])
        elif len(self._data) + end - start > _FIELD_BYTES:
            message = "a form field is larger than 64 KiB"
            raise BrokenForm(message)
        else:
            self._data += data[start:end]

    def _part_end(self) -> None:
        if self._sink is not None:
            self._sink.close()
        else:
            self.form.fields[self._name] = self._data.decode("utf-8", "replace")

    def _end(self) -> None:
        self.ended = True


async def read_form(content_type: str, body: AsyncIterable[bytes], open_file: OpenFile) -> Form:
    """Read a multipart/form-data body; `open_file` gets the MIME type of the first file part.

    Raises:
        BrokenForm: not multipart, cut off or malformed; nothing is kept then.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        message = "the body must be multipart/form-data"
        raise BrokenForm(message)
    reader = _Reader(boundary, open_file)
    try:
        async for chunk in body:
            reader.parser.write(chunk)
    except FormParserError as error:
        reader.form.discard()
        message = "the multipart body is malformed"
        raise BrokenForm(message) from error
    except BaseException:
        reader.form.discard()
        raise
    if not reader.ended:
        reader.form.discard()
        message = "the multipart body is cut off"
        raise BrokenForm(message)
    return reader.form
