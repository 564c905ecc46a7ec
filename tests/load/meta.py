"""The least of Meta: takes every message, and has one file under every id."""

import argparse
import base64
import hashlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import token_bytes

import orjson
import uvicorn

from load.bare import received
from medvault.api.webhook import Receive, Scope, Send

MESSAGES = "/messages"
FILE = "/file"
TAKEN = "/taken"
"""Answers with all messages so far: recipient, Unix time, wamid, reference."""
_PIECE = 256 * 1024


class Meta:
    """Remembers to whom messages went."""

    def __init__(self, address: str, file: bytes) -> None:
        self._file = file
        self._taken: list[tuple[str, float, str, str]] = []
        self._announcement = orjson.dumps(
            {
                "url": address + FILE,
                "mime_type": "image/jpeg",
                "sha256": hashlib.sha256(file).hexdigest(),
                "file_size": len(file),
                "id": "1166846181421424",
                "messaging_product": "whatsapp",
            }
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["method"] == "POST" and path.endswith(MESSAGES):
            message = orjson.loads(await received(receive))
            wamid = f"wamid.{base64.b64encode(token_bytes(24)).decode()}"
            if "status" not in message:
                self._take(message, wamid)
            accepted = {"messaging_product": "whatsapp", "messages": [{"id": wamid}]}
            await _answer(send, orjson.dumps(accepted))
        elif path == FILE:
            await _pour(send, self._file)
        elif path == TAKEN:
            await _answer(send, orjson.dumps(self._taken))
        else:
            await _answer(send, self._announcement)

    def _take(self, message: dict[str, str], wamid: str) -> None:
        to = message.get("recipient") or message["to"]
        reference = message.get("biz_opaque_callback_data", "")
        self._taken.append((to, time.time(), wamid, reference))


async def _answer(send: Callable[..., Awaitable[None]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


async def _pour(send: Callable[..., Awaitable[None]], file: bytes) -> None:
    length = (b"content-length", str(len(file)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    for at in range(0, len(file), _PIECE):
        more = at + _PIECE < len(file)
        body = file[at : at + _PIECE]
        await send({"type": "http.response.body", "body": body, "more_body": more})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    uvicorn.run(
        Meta(f"http://127.0.0.1:{given.port}", given.file.read_bytes() if given.file else b""),
        host="127.0.0.1",
        port=given.port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
    )
