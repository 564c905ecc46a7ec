"""The webhook's POST, as a plain ASGI route ahead of FastAPI's router.

FastAPI's own route handling costs more than all the rest of it: reading, signature, inbox.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from medvault import failpoints
from medvault.adapters.whatsapp.signature import Signatures
from medvault.api.problems import problem
from medvault.application.intake import Intake
from medvault.domain.errors import Unavailable
from medvault.failpoints import Step
from medvault.observability import metrics

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/webhook/whatsapp"
MAX_BODY = 3 * 1024 * 1024
"""Bytes; Meta sends up to 3 MB."""
_READ_WITHIN = 10.0
_SIGNATURE = b"x-hub-signature-256"

_EMPTY = (b"content-length", b"0")
_DONE: dict[bool, MutableMapping[str, Any]] = {
    True: {"type": "http.response.start", "status": 200, "headers": [_EMPTY]},
    # Says why a later message may come before this one (Server-Timing, W3C).
    False: {
        "type": "http.response.start",
        "status": 200,
        "headers": [_EMPTY, (b"server-timing", b"intake")],
    },
}
_NO_BODY = {"type": "http.response.body", "body": b""}
_REJECTED = {
    401: ("signature", problem(401, "The signature does not match the body.")),
    408: ("malformed", problem(408, "The body did not arrive in time.")),
    413: ("too_large", problem(413, "The body is larger than 3 MB.")),
    503: ("unavailable", problem(503, "It can't be stored now; send it again.", retry_after=5)),
}


class Webhook:
    """Answers signed POSTs: 200 once what they bring is durable, 503 where it can't be made so."""

    def __init__(self, app: App, signatures: Signatures, intake: Intake) -> None:
        self._app = app
        self._signatures = signatures
        self._intake = intake
        self._accepted = metrics.Tally(metrics.webhook_requests["200"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the webhook's POSTs, and leave everything else to the application."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        taken = await self._take(scope, receive)
        if isinstance(taken, bool):
            self._accepted.count()
            failpoints.before(Step.ANSWER_WEBHOOK)
            await send(_DONE[taken])
            await send(_NO_BODY)
            failpoints.after(Step.ANSWER_WEBHOOK)
        else:
            await _reject(taken, send)

    async def _take(self, scope: Scope, receive: Receive) -> bool | int:
        """Return whether the inbox has it, else the broker; or the status of a refusal."""
        message = await receive()
        body = message.get("body", b"")
        if message.get("more_body"):
            try:
                body = await _rest(body, receive)
            except TimeoutError:
                return 408
        if body is None or len(body) > MAX_BODY:
            return 413
        if not self._signatures.valid(body, _signature(scope)):
            return 401
        try:
            return await self._intake.receive(body)
        except Unavailable:
            return 503


def _signature(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == _SIGNATURE:
            return bytes(value)
    return None


async def _rest(body: bytes, receive: Receive) -> bytes | None:
    """Return the raw body that goes on behind its first piece, None if it is too large."""
    chunks, size, more = [body], len(body), True
    async with asyncio.timeout(_READ_WITHIN):
        while more and size <= MAX_BODY:
            message = await receive()
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False)
    return b"".join(chunks) if size <= MAX_BODY else None


async def _reject(status: int, send: Send) -> None:
    reason, (headers, body) = _REJECTED[status]
    metrics.rejected_requests[reason].inc()
    metrics.webhook_requests[str(status)].inc()
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
