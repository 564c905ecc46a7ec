"""Port 8080: /health, /ready and /metrics."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from medvault_operator.observability import metrics

SECONDS = 3.0
"""How long a request may take to arrive."""


class Health(NamedTuple):
    """Whether all is well, and what it is made up of."""

    well: bool
    details: Mapping[str, object]


class ProbeServer:
    """Serves probes in daemon threads; port 0 takes a free one, `port` tells which."""

    def __init__(
        self, host: str, port: int, health: Callable[[], Health], ready: Callable[[], Health]
    ) -> None:
        self._server = _Server(host, port, {"/health": health, "/ready": ready})
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
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, host: str, port: int, checks: Mapping[str, Callable[[], Health]]) -> None:
        self.checks = checks
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a prober that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = SECONDS

    def do_GET(self) -> None:
        """Answer one of the three paths."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._send(HTTPStatus.OK, *metrics.render(self.headers.get("Accept")))
        elif check := self.server.checks.get(path):
            health = check()
            status = HTTPStatus.OK if health.well else HTTPStatus.SERVICE_UNAVAILABLE
            self._say(status, health.details)
        else:
            self._say(HTTPStatus.NOT_FOUND, {"status": "not found"})

    def _say(self, status: HTTPStatus, body: Mapping[str, object]) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by http.server
        """Say nothing."""
