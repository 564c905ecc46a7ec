"""Meta's store of files (Meta, Cloud API: Media): fetched, sent up and deleted."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from typing_extensions import override
from urllib3 import BaseHTTPResponse

from medvault import failpoints
from medvault.adapters.whatsapp.announcements import Announcement, read_announcement, read_handle
from medvault.adapters.whatsapp.calls import Calls, fail, passing, whole
from medvault.adapters.whatsapp.hosts import AllowedHosts
from medvault.adapters.whatsapp.options import WhatsAppOptions
from medvault.adapters.whatsapp.uploads import Upload, exactly
from medvault.domain.errors import Expired, Permanent
from medvault.domain.media import MAX_BYTES, FileKind
from medvault.failpoints import OutwardStep
from medvault.ports import Download, MediaSource

_CHUNK = 256 * 1024
_URL_RAN_OUT = (401, 404)


class CloudMedia(MediaSource):
    """Fulfils `MediaSource`; blocking, and safe to share between threads."""

    def __init__(self, options: WhatsAppOptions) -> None:
        self._options = options
        self._hosts = AllowedHosts(options.base_url, options.media_hosts)
        self._calls = Calls(options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._calls.close()

    @override
    @contextmanager
    def fetch(self, handle: str) -> Iterator[Download]:
        """Open a file; its chunks are up to 256 KiB long and add up to `size`.

        Raises `Expired`, `Unavailable`, `Transient`, or `Permanent` for a host that must not
        see the token. Reading a chunk raises `Transient` if the file is not as announced, or comes
        too slowly.
        """
        failpoints.before(OutwardStep.FETCH_FILE)
        announcement, response = self._open(handle)
        try:
            chunks = exactly(announcement.size, _stream(response))
            yield Download(announcement.size, announcement.sha256, chunks)
            failpoints.after(OutwardStep.FETCH_FILE)
        finally:
            # After the last byte its connection is back in the pool, and this closes nothing.
            response.close()

    @override
    def upload(self, chunks: Iterable[bytes], size: int, kind: FileKind, filename: str) -> str:
        """Stream exactly `size` bytes up and return the handle, good for 30 days."""
        upload = Upload(chunks, size, kind, filename)
        url = f"{self._options.number_url}/media"
        failpoints.before(OutwardStep.UPLOAD_FILE)
        answer = self._calls.answer("POST", url, upload, upload.headers)
        failpoints.after(OutwardStep.UPLOAD_FILE)
        return read_handle(answer)

    @override
    def delete(self, handle: str) -> None:
        with suppress(Expired):
            self._calls.answer("DELETE", self._url(handle))

    def _open(self, handle: str) -> tuple[Announcement, BaseHTTPResponse]:
        announcement, response = self._announced(handle)
        if response.status in _URL_RAN_OUT:
            # The URL lives five minutes, the file seven days: ask for another one.
            response.close()
            announcement, response = self._announced(handle)
        if response.status != 200:
            with passing():
                fail(response.status, whole(response) or b"")
        return announcement, response

    def _announced(self, handle: str) -> tuple[Announcement, BaseHTTPResponse]:
        announcement = read_announcement(self._calls.answer("GET", self._url(handle)))
        if not self._hosts.allow(announcement.url):
            raise Permanent("WhatsApp announced a file at a host that is not allowed")
        return announcement, self._calls.open(announcement.url, min(announcement.size, MAX_BYTES))

    def _url(self, handle: str) -> str:
        if not (handle.isascii() and handle.replace("-", "").replace("_", "").isalnum()):
            raise Permanent("a handle that can't be one of WhatsApp's")
        query = urlencode({"phone_number_id": self._options.phone_number_id})
        return f"{self._options.api_url}/{handle}?{query}"


def _stream(response: BaseHTTPResponse) -> Iterator[bytes]:
    with passing():
        yield from response.stream(_CHUNK, decode_content=False)
