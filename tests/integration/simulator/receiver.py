"""A deployment's webhook as Meta sees it: it keeps what it is sent, and answers as told."""

import asyncio
import hmac
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Self

import orjson
from aiohttp import web

from support.servers.machine import free_port
from support.servers.waiting import wait_until


@dataclass
class Hook:
    """One POST as it came in."""

    body: bytes
    signature: str
    answered: int

    @property
    def value(self) -> dict[str, Any]:
        """The value of its only change."""
        (change,) = self.changes
        value: dict[str, Any] = change["value"]
        return value

    @property
    def changes(self) -> list[dict[str, Any]]:
        """All its changes."""
        return [c for e in orjson.loads(self.body)["entry"] for c in e["changes"]]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """All its messages."""
        return [m for c in self.changes for m in c["value"].get("messages", [])]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        """All its statuses."""
        return [s for c in self.changes for s in c["value"].get("statuses", [])]


class Receiver:
    """Answers 200, but first the status codes in `refusals`; while `held` it doesn't answer."""

    def __init__(self, verify_token: str) -> None:
        self.hooks: list[Hook] = []
        self.refusals: deque[int] = deque()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/webhook"
        self._verify_token = verify_token
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def hold(self) -> None:
        """Answer nobody for now."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def release(self) -> None:
        """Answer everybody who waits."""
        self._loop.call_soon_threadsafe(self._open.set)

    def messages(self) -> list[dict[str, Any]]:
        """All messages so far, repeated ones too."""
        return [m for hook in list(self.hooks) for m in hook.messages]

    def statuses(self) -> list[dict[str, Any]]:
        """All statuses so far, repeated ones too."""
        return [s for hook in list(self.hooks) for s in hook.statuses]

    def wait_for_messages(self, count: int) -> list[dict[str, Any]]:
        """The messages, once there are so many."""
        wait_until(lambda: len(self.messages()) >= count, seconds=10, what=f"{count} messages")
        return self.messages()

    def wait_for_statuses(self, count: int) -> list[dict[str, Any]]:
        """The statuses, once there are so many."""
        wait_until(lambda: len(self.statuses()) >= count, seconds=10, what=f"{count} statuses")
        return self.statuses()

    async def _start(self) -> None:
        app = web.Application(client_max_size=4_000_000)
        app.router.add_post("/webhook", self._post)
        app.router.add_get("/webhook", self._get)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.read()
        status = self.refusals.popleft() if self.refusals else 200
        self.hooks.append(Hook(body, request.headers["X-Hub-Signature-256"], status))
        await self._open.wait()
        return web.Response(status=status, headers={"Server-Timing": f"answer-{len(self.hooks)}"})

    async def _get(self, request: web.Request) -> web.Response:
        if request.query["hub.verify_token"] != self._verify_token:
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])


def signed(secret: str, body: bytes) -> str:
    """The signature Meta documents, computed independently."""
    return f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"
