"""A process's own port for /health, /ready and /metrics, apart from what it does for a living.

A process may have pages of its own there too.
"""

import io
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from types import MappingProxyType
from typing import Any

from prometheus_client import CollectorRegistry

from medvault.domain.errors import Unavailable
from medvault.observability.health import Readiness
from medvault.observability.metrics import REGISTRY, render_metrics

SECONDS = 3.0
"""How long a request may take to arrive."""
BYTES = 16_384
"""How long a request may be."""
CONNECTIONS = 32
"""How many may be open at once."""

Page = Callable[[], Mapping[str, object]]
"""Returns the JSON of a page; raises `Unavailable` where it can't be known."""


class ProbeServer:
    """Serves probes in daemon threads; port 0 takes a free one, `port` tells which."""

    def __init__(
        self,
        host: str,
        port: int,
        readiness: Readiness,
        registry: CollectorRegistry = REGISTRY,
        pages: Mapping[str, Page] = MappingProxyType({}),
    ) -> None:
        self._server = _Server(host, port, readiness, registry, pages)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="probes", daemon=True
        )

    @property
    def port(self) -> int:
        """The TCP port that is listened on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and release the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingMixIn, TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        host: str,
        port: int,
        readiness: Readiness,
        registry: CollectorRegistry,
        pages: Mapping[str, Page],
    ) -> None:
        self.pages = pages
        self.readiness = readiness
        self.registry = registry
        self.slots = threading.BoundedSemaphore(CONNECTIONS)
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self.slots.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a prober that hangs up is no news, and a traceback may show its request."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    connection: socket.socket

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Limited(self.connection))

    def do_GET(self) -> None:
        """Answer one of the three paths, or a page."""
        match self.path.partition("?")[0]:
            case "/health":
                self._say(HTTPStatus.OK, {"status": "ok"})
            case "/ready":
                report = self.server.readiness()
                status = HTTPStatus.OK if report.ready else HTTPStatus.SERVICE_UNAVAILABLE
                self._say(status, report.as_json())
            case "/metrics":
                accept = self.headers.get("Accept")
                self._send(HTTPStatus.OK, *render_metrics(accept, self.server.registry))
            case path if path in self.server.pages:
                self._show(self.server.pages[path])
            case _:
                self._say(HTTPStatus.NOT_FOUND, {"status": "not found"})

    def _show(self, page: Page) -> None:
        try:
            self._say(HTTPStatus.OK, page())
        except Unavailable:
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "not known"})

    def _say(self, status: HTTPStatus, body: Mapping[str, object]) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.connection.settimeout(SECONDS)
        self.send_response_only(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by http.server
        """Say nothing."""


class _Limited(io.RawIOBase):
    """A socket that ends after `BYTES`, and times out `SECONDS` after it was opened, read or not.

    A time-out for each read would let a client stay for ever that sends a byte now and then.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = BYTES
        self._deadline = time.monotonic() + SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._connection.settimeout(remaining)
        view = memoryview(buffer)[: self._left]
        count = self._connection.recv_into(view) if view.nbytes else 0
        self._left -= count
        return count
