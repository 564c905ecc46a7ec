"""A file on its way up, as a multipart form that is never whole in memory (RFC 7578)."""

from collections.abc import Iterable, Iterator

from urllib3.fields import RequestField
from urllib3.filepost import choose_boundary

from medvault.domain.errors import Transient
from medvault.domain.media import FileKind


class Upload:
    """The body and headers of `POST /{phone-number-id}/media`; can be iterated over once."""

    def __init__(self, chunks: Iterable[bytes], size: int, kind: FileKind, filename: str) -> None:
        boundary = choose_boundary()
        parts = (
            ("messaging_product", "whatsapp"),
            ("type", kind.value),
            ("file", (filename, "", kind.value)),
        )
        self._head = "\r\n".join(_part(boundary, *part) for part in parts).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._chunks = chunks
        self._size = size
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + size + len(self._tail)),
        }

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        yield from exactly(self._size, self._chunks)
        yield self._tail


def _part(boundary: str, name: str, value: str | tuple[str, str, str]) -> str:
    field = RequestField.from_tuples(name, value)
    return f"--{boundary}\r\n{field.render_headers()}{field.data!s}"


def exactly(size: int, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass chunks on; raises `Transient` before a byte too many, or at the end if some lack."""
    left = size
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            break
        yield chunk
    if left:
        raise Transient("a file has another size than was announced")
