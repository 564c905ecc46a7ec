"""The API's front door as a process of its own, without servers behind it; or as it was before.

Run as `python -m support.front_door mended|bare PORT FILES`.
"""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
import uvicorn

from medvault.api.server import server
from medvault.api.webhook import App, Receive, Scope, Send
from support.reception import SECRET, Front
from support.servers.machine import free_port
from support.servers.private import PrivateServer


class FrontDoor(PrivateServer):
    """An API at `url` that may open so many files; its control is uvicorn and nothing before it."""

    name = "front door"

    def __init__(self, *, mended: bool = True, files: int = 4096) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = ["mended" if mended else "bare", str(self.port), str(files)]
        super().__init__()

    def command(self) -> list[str]:
        """This module."""
        return [sys.executable, "-m", "support.front_door", *self._arguments]

    def environment(self) -> dict[str, str]:
        """Where the tests' modules are."""
        return super().environment() | {"PYTHONPATH": ":".join(path for path in sys.path if path)}

    def answers(self) -> bool:
        """/health says so."""
        try:
            answer = urllib3.request("GET", f"{self.url}/health", retries=False, timeout=1)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200


@contextmanager
def front_door(*, mended: bool = True, files: int = 4096) -> Iterator[FrontDoor]:
    """A front door until the block ends."""
    with FrontDoor(mended=mended, files=files) as found:
        yield found


class ReadsFirst:
    """The webhook as it was: the body is read whole before anything is looked at."""

    def __init__(self, app: App, front: Front) -> None:
        self._app = app
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a POST; everything else goes on."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        chunks, more = [], True
        while more:
            message = await receive()
            chunks.append(message.get("body", b""))
            more = message.get("more_body", False)
        body, signature = b"".join(chunks), dict(scope["headers"]).get(b"x-hub-signature-256")
        status = 200 if self._front.reception.signatures.valid(body, signature) else 401
        if status == 200:
            await self._front.reception.intake.receive(body)
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def main(kind: str, port: str, files: str) -> None:
    """Serve until told to end."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(files), int(files)))
    front = Front([SECRET])
    if kind == "mended":
        server(front.reception, ("127.0.0.1", int(port)), ("127.0.0.1", 0)).run()
        return
    bare = uvicorn.Config(
        ReadsFirst(front.app, front),
        host="127.0.0.1",
        port=int(port),
        loop="uvloop",
        http="httptools",
        log_config=None,
        timeout_keep_alive=75,
        backlog=4096,
    )
    uvicorn.Server(bare).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
