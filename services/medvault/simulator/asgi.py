"""The few ASGI moves of the handlers that answer for Meta."""

from collections.abc import AsyncIterator

from starlette.types import Receive, Scope, Send

_JSON = (b"content-type", b"application/json; charset=UTF-8")
_LARGEST_BODY = 1024 * 1024


class Disconnected(Exception):
    """The client went away before its request was complete."""


class BodyTooLarge(Exception):
    """A JSON body beyond 1 MiB."""


async def chunks(receive: Receive) -> AsyncIterator[bytes]:
    """The request body in pieces.

    Raises:
        Disconnected: it was cut off.
    """
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Disconnected
        yield event.get("body", b"")
        if not event.get("more_body", False):
            return


async def read_body(receive: Receive) -> bytes:
    """The whole request body.

    Raises:
        Disconnected, BodyTooLarge: as named.
    """
    body = b""
    async for chunk in chunks(receive):
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise BodyTooLarge
    return body


async def respond(send: Send, status: int, body: bytes) -> None:
    """Answer JSON bytes."""
    headers = [_JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def header(scope: Scope, name: bytes) -> bytes:
    """A request header by its lower-case name, empty if absent."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""
