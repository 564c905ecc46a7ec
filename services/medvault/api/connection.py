"""A connection to the API: uvicorn's, with an end to what it may send, hold and wait for."""

import asyncio
from typing import Any

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from medvault.api.door import Door
from medvault.api.problems import problem
from medvault.observability import metrics

SIGNED = "medvault.signed"
"""Key of a request's scope, set once its signature is found to be good."""

MAX_HEAD = 32 * 1024
MAX_HEADERS = 100
MAX_REQUEST = 4 * 1024 * 1024
"""Bytes as they come, chunks' sizes included."""
MAX_PIPELINED = 8
_PIECE = 16 * 1024
"""Bytes that are parsed before anybody looks at what they were."""

_REFUSALS = {
    400: ("malformed", "That is no HTTP request.", None),
    408: ("late", "The request did not arrive in time.", None),
    413: ("too_large", "The request is too large.", None),
    431: ("too_large", "The request's head is too large.", None),
    503: ("crowded", "There is no room now; send it again.", 5),
}


class Config(uvicorn.Config):
    """uvicorn's configuration, and the door that its connections go through."""

    def __init__(self, app: Any, door: Door, **options: Any) -> None:
        # WebSockets would leave through a protocol of their own, which knows no limits.
        super().__init__(app, http=Connection, ws="none", **options)
        self.door = door


class Connection(HttpToolsProtocol):
    """Closes what is late, too large or malformed, and logs none of it: that is counted.

    uvicorn waits for a head without end, and has no limit to its size.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._door = config.door
        self._known = False
        self._in_head = True
        self._received = 0
        self._leaves = False
        # The last request that arrived whole: empty lines behind it begin no other.
        self._whole: RequestResponseCycle | None = None
        self.since: float | None = None
        self.held = 0

    @property
    def busy(self) -> bool:
        """Whether a request that has arrived whole is being answered."""
        return self.since is None and self.cycle is not None and not self.cycle.response_complete

    def connection_made(  # type: ignore[override]  # as uvicorn has it
        self, transport: asyncio.Transport
    ) -> None:
        """Let it in; it has to send something soon."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self._door.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it; uvicorn would keep one that was reset until its keep-alive has passed."""
        self._door.leave(self)
        self._let_go()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless that is too much or no HTTP; nearly always this is a whole request."""
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        if len(data) <= _PIECE:
            self._read(data)
            return
        pieces = memoryview(data)
        for at in range(0, len(data), _PIECE):
            self._read(pieces[at : at + _PIECE])
            if self._leaves or self.transport.is_closing():
                return

    def _read(self, piece: bytes | memoryview) -> None:
        self._received += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            pass
        except httptools.HttpParserError:
            self.refuse(400)
            return
        cycle = self.cycle
        self._in_head = cycle is None or cycle.scope is not self.scope
        if self._in_head or cycle.more_body or cycle is self._whole:
            self._go_on(len(piece))
        else:
            self._whole = cycle
            self.since = None
            self._received = 0
            if len(self.headers) > MAX_HEADERS or len(self.pipeline) > MAX_PIPELINED:
                self.refuse(400)

    def _go_on(self, size: int) -> None:
        """See to a request that has not arrived whole."""
        if self.since is None:
            self.since = self.loop.time()
        if self.scope is not None and (
            len(self.headers) > MAX_HEADERS or len(self.pipeline) > MAX_PIPELINED
        ):
            self.refuse(400)
        elif self._in_head and self._received > MAX_HEAD:
            self.refuse(431)
        elif self._received > MAX_REQUEST:
            self.refuse(413)
        elif not self._in_head and not self.cycle.response_complete:
            self.held += size
            self._door.hold(self, size)

    def on_response_complete(self) -> None:
        """Go on with the next request, without waiting for the unread rest of this one."""
        if self.held or self.since is not None or not self._known:
            self._answered()
        super().on_response_complete()

    def _answered(self) -> None:
        if not self._known and self.scope.get(SIGNED):
            self._known = True
            self._door.know(self)
        if self.cycle.response_complete:
            self._let_go()
            if self.since is not None and not self._in_head:
                self.transport.close()

    def pause_writing(self) -> None:
        """Cut off who sends requests and reads no answers: they are short."""
        super().pause_writing()
        self.transport.abort()

    def refuse(self, status: int) -> None:
        """Answer with this status, if that may be understood, and close."""
        self._let_go()
        if self.transport.is_closing():
            return
        reason, detail, retry_after = _REFUSALS[status]
        metrics.rejected_requests[reason].inc()
        begun = self.cycle is not None and not self.cycle.response_complete
        if not (self.pipeline or (begun and self.cycle.response_started)) and self._received:
            self.transport.write(_answer(status, detail, retry_after))
        if begun:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._leaves = True
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def leave_slowly(self) -> None:
        """Cut the connection if it was closed a look ago and the other side still holds it."""
        if self.transport.is_closing():
            if self._leaves:
                self.transport.abort()
            self._leaves = True

    def _let_go(self) -> None:
        self._door.release(self.held)
        self.held = 0


def _answer(status: int, detail: str, retry_after: int | None) -> bytes:
    headers, body = problem(status, detail, retry_after, close=True)
    lines = [b"%s: %s\r\n" % header for header in headers]
    return b"".join([b"HTTP/1.1 %d \r\n" % status, *lines, b"\r\n", body])
