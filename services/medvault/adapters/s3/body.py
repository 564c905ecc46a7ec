"""The body of an upload, which must not end well unless it is what was announced."""

from collections.abc import Iterable, Iterator

from medvault.domain.errors import Transient


class UploadAbortedError(Exception):
    """Breaks an upload off: urllib3 would swallow or wrap what `chunks` raised, if an OSError."""


class Body:
    """Chunks for a request with a Content-Length of `size`.

    The chunk that completes `size` is held back until `chunks` has ended: a store keeps an object
    as soon as it has as many bytes as were announced, even if we then find that there are more.
    `error` is why the upload was broken off: the error of `chunks`, or `Transient` for its length.
    """

    def __init__(self, chunks: Iterable[bytes], size: int) -> None:
        self._chunks = chunks
        self._size = size
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            sent, held = 0, b""
            for chunk in self._chunks:
                if held:
                    sent += len(held)
                    yield held
                held = chunk
                if sent + len(held) > self._size:
                    break
        except Exception as error:
            self.error = error
            raise UploadAbortedError from error
        if sent + len(held) != self._size:
            self.error = Transient("the bytes to store are not as many as was said")
            raise UploadAbortedError
        if held:
            yield held
