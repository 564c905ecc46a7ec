"""The webhook's POST, as a plain ASGI route ahead of FastAPI's router.

FastAPI's own route handling costs more than all the rest of it: reading, signature, inbox.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from medvault import failpoints
from medvault.adapters.whatsapp.signature import Signatures
from medvault.api.connection import SIGNED
from medvault.api.problems import problem
from medvault.application.intake import Intake
from medvault.domain.errors import Unavailable
from medvault.failpoints import OutwardStep
from medvault.observability import metrics

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/webhook/whatsapp"
MAX_BODY = 3 * 1024 * 1024
"""Bytes; Meta sends up to 3 MB."""
_SIGNATURE = b"x-hub-signature-256"
_FORM = re.compile(rb"sha256=[0-9a-f]{64}")
_DIGITS = 18

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
# A sender that is refused may have more to send, which nobody reads.
_REJECTED = {
    401: ("signature", problem(401, "The signature does not match the body.", close=True)),
    413: ("too_large", problem(413, "The body is larger than 3 MB.", close=True)),
    503: ("unavailable", problem(503, "It can't be stored now; send it again.", retry_after=5)),
}


class _Gone(Exception):
    """The sender of the request has left, or was sent away."""


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
        try:
            taken = await self._take(scope, receive)
        except _Gone:
            return
        if isinstance(taken, bool):
            self._accepted.count()
            failpoints.before(OutwardStep.ANSWER_WEBHOOK)
            await send(_DONE[taken])
            await send(_NO_BODY)
            failpoints.after(OutwardStep.ANSWER_WEBHOOK)
        else:
            await _reject(taken, send)

    async def _take(self, scope: Scope, receive: Receive) -> bool | int:
        """Return whether the inbox has it, else the broker; or the status of a refusal."""
        signature, size = _announced(scope["headers"])
        if signature is None:
            return 401
        if size > MAX_BODY:
            return 413
        message = await receive()
        body = message.get("body")
        if body is None or message.get("more_body"):
            body = await _rest(message, receive)
        if body is None or len(body) > MAX_BODY:
            return 413
        if not self._signatures.valid(body, signature):
            return 401
        scope[SIGNED] = True
        try:
            return await self._intake.receive(body)
        except Unavailable:
            return 503


def _announced(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes | None, int]:
    """Return the signature, None unless there is one that could be Meta's, and the body's size."""
    signature, size = None, 0
    for name, value in headers:
        if name == _SIGNATURE:
            if signature is not None or not _FORM.fullmatch(value):
                return None, size
            signature = value
        elif name == b"content-length":
            size = int(value) if value.isdigit() and len(value) < _DIGITS else MAX_BODY + 1
    return signature, size


async def _rest(message: MutableMapping[str, Any], receive: Receive) -> bytes | None:
    """Return a body that has more pieces than the first, None if it is too large.

    The connection sees to it that it ends; raises `_Gone` where it ended the request.
    """
    chunks, size = [], 0
    while message["type"] != "http.disconnect":
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()
    raise _Gone


async def _reject(status: int, send: Send) -> None:
    reason, (headers, body) = _REJECTED[status]
    metrics.rejected_requests[reason].inc()
    metrics.webhook_requests[str(status)].inc()
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
