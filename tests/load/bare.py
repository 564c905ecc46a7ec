"""The reference of the webhook: uvicorn, an HMAC, and nothing behind them."""

import argparse
from typing import Any

import uvicorn

from medvault.adapters.whatsapp.signature import Signatures
from medvault.api.webhook import Receive, Scope, Send

START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-length", b"0")],
}
BODY = {"type": "http.response.body", "body": b""}


async def received(receive: Receive) -> bytes:
    """The whole body of a request."""
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def application(secret: bytes) -> Any:
    """An ASGI app that answers 200 to what is signed and to a GET."""
    signatures = Signatures([secret])

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        body = await received(receive)
        signature = dict(scope["headers"]).get(b"x-hub-signature-256")
        status = 200 if scope["method"] == "GET" or signatures.valid(body, signature) else 401
        await send(START if status == 200 else START | {"status": status})
        await send(BODY)

    return answer


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secret", required=True)
    given = parser.parse_args()
    uvicorn.run(
        application(given.secret.encode()),
        host="127.0.0.1",
        port=given.port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        backlog=4096,
    )
