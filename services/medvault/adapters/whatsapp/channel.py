"""Sending messages: one asyncio client for the whole process."""

import time
from types import TracebackType
from typing import Self

import orjson
from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    hdrs,
)
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload
from typing_extensions import override
from yarl import URL

from medvault import failpoints
from medvault.adapters.whatsapp.bodies import encode
from medvault.adapters.whatsapp.calls import MAX_ANSWER
from medvault.adapters.whatsapp.errors import reaction, read_error
from medvault.adapters.whatsapp.options import WhatsAppOptions
from medvault.domain.outbound import (
    Accepted,
    Answer,
    Outgoing,
    Reaction,
    Refused,
    Typing,
)
from medvault.failpoints import OutwardStep
from medvault.ports import Channel

_CHUNK = 64 * 1024
_SKIPPED = (hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING)


class CloudChannel(Channel):
    """Fulfils `Channel`; to be entered on the event loop that sends."""

    _session: ClientSession

    def __init__(self, options: WhatsAppOptions) -> None:
        self._options = options
        self._url = URL(f"{options.number_url}/messages")

    async def __aenter__(self) -> Self:
        self._session = ClientSession(
            connector=TCPConnector(limit=self._options.connections),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=self._options.timeout),
            skip_auto_headers=_SKIPPED,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()

    @override
    async def send(self, message: Outgoing, not_after: float) -> Answer:
        """Send, unless `time.monotonic()` is past `not_after` just before the socket is written.

        A message that did not reach the socket may be sent again; once it did and no answer came,
        only the statuses can tell. Raises `ValueError` for a message that breaks Meta's limits.
        """
        body = _Body(encode(message), not_after)
        answered = await self._post(body)
        if isinstance(answered, Refused):
            return answered
        content = message.content
        return Accepted(content.wamid) if isinstance(content, Typing) else _accepted(answered)

    @override
    async def probe(self) -> Refused | None:
        """Read the number's own id: this takes all that sending takes, up to the message."""
        try:
            async with self._session.get(
                self._options.number_url,
                params={"fields": "id"},
                headers=self._authorization,
                allow_redirects=False,
            ) as response:
                status, answer = response.status, await _whole(response)
        except (ClientError, TimeoutError, OSError):
            return Refused(Reaction.UNREACHABLE)
        return None if status == 200 else _refused(answer, status)

    @property
    def _authorization(self) -> dict[str, str]:
        return {hdrs.AUTHORIZATION: f"Bearer {self._options.token()}"}

    async def _post(self, body: "_Body") -> bytes | Refused:
        try:
            async with self._session.post(
                self._url,
                data=body,
                headers=self._authorization,
                allow_redirects=False,
            ) as response:
                status, answer = response.status, await _whole(response)
                failpoints.after(OutwardStep.SEND_LETTER)
        except (ClientError, TimeoutError, OSError):
            return Refused(Reaction.UNKNOWN if body.written else Reaction.UNREACHABLE)
        return answer if status == 200 else _refused(answer, status)


class _TooLate(Exception):
    """The deadline was over once a connection was free."""


class _Body(BytesPayload):
    """A body that asks the clock when it is about to be written.

    aiohttp holds the request's head back until the body comes: before this, nothing has left.
    """

    def __init__(self, body: bytes, not_after: float) -> None:
        super().__init__(body, content_type="application/json")
        self._not_after = not_after
        self.written = False

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        if time.monotonic() > self._not_after:
            raise _TooLate
        failpoints.before(OutwardStep.SEND_LETTER)
        self.written = writer.transport is not None and not writer.transport.is_closing()
        await super().write_with_length(writer, content_length)


async def _whole(response: ClientResponse) -> bytes:
    """Read an answer, but nothing of one too large to be Meta's; both within the time-out."""
    chunks, size = [], 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > MAX_ANSWER:
            response.close()
            return b""
        chunks.append(chunk)
    return b"".join(chunks)


def _refused(answer: bytes, status: int) -> Refused:
    code = read_error(answer).code
    return Refused(reaction(code, status), code)


def _accepted(answer: bytes) -> Answer:
    try:
        wamid = orjson.loads(answer)["messages"][0]["id"]
    except (ValueError, LookupError, TypeError):
        wamid = None
    return Accepted(wamid) if type(wamid) is str else Refused(Reaction.UNKNOWN)
