"""An HTTP server that behaves once for each request as was planned, and remembers them."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any

from medvault.adapters.whatsapp.options import WhatsAppOptions

NUMBER = "109876543210987"
TOKEN = "token-1"

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Request:
    """A request that came in; `body` is as long as was announced."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def answers(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """Answer; a `Content_Length` given by hand may lie."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def closes(handler: BaseHTTPRequestHandler) -> None:
    """Hang up without an answer."""
    handler.close_connection = True


def then_closes(behaviour: Behaviour) -> Behaviour:
    """Behave, then hang up."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        behaviour(handler)
        handler.close_connection = True

    return behave


@dataclass
class Graph:
    """A planned Graph API; `otherwise` answers what no plan is left for."""

    url: str
    otherwise: Behaviour = closes
    received: Queue[Request] = field(default_factory=Queue)
    over: threading.Event = field(default_factory=threading.Event)
    _plan: Queue[Behaviour] = field(default_factory=Queue)

    def plan(self, *behaviours: Behaviour) -> None:
        """Queue behaviours, one for each request to come."""
        for behaviour in behaviours:
            self._plan.put(behaviour)

    def hangs(self, handler: BaseHTTPRequestHandler) -> None:
        """Say nothing until the test is over."""
        self.over.wait(30)
        handler.close_connection = True

    def request(self) -> Request:
        """Return the next request that came, or will within ten seconds."""
        return self.received.get(timeout=10)

    def options(self, **changes: object) -> WhatsAppOptions:
        """Options that lead here."""
        return options_for(self.url, **changes)

    def behave(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        """Remember a request and do what was planned for it."""
        try:
            behaviour = self._plan.get_nowait()
        except Empty:
            behaviour = self.otherwise
        self.received.put(request)
        behaviour(handler)


def options_for(url: str, **changes: object) -> WhatsAppOptions:
    """Options of the number that tests use."""
    fields = {"phone_number_id": NUMBER, "token": lambda: TOKEN, "base_url": url, **changes}
    return WhatsAppOptions(**fields)  # type: ignore[arg-type]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients that hang up early are what is tested.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def planned_graph() -> Iterator[Graph]:
    """Run a `Graph` on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            graph.behave(self, Request(self.command, self.path, dict(self.headers.items()), body))

        do_GET = do_DELETE = do_POST  # noqa: N815 (named by the standard library)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    graph = Graph(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield graph
    finally:
        graph.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
