"""A server over HTTP that gives prepared answers, and keeps what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answering:
    """`answers` by method and path; the last of several is repeated. Anything else is 404."""

    answers: dict[str, list[tuple[int, Any]]]
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def answer(self, asked: dict[str, str]) -> tuple[int, Any]:
        """Note a question and return status and body."""
        self.asked.append(asked)
        left = self.answers.get(f"{asked['method']} {asked['path'].partition('?')[0]}")
        if not left:
            return 404, {"message": "not found"}
        return left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def serving(answering: Answering) -> Iterator[Answering]:
    """Serve on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            status, body = answering.answer(
                {
                    "method": self.command,
                    "path": self.path,
                    "body": self.rfile.read(length).decode(),
                    "type": self.headers.get("Content-Type", ""),
                    "authorization": self.headers.get("Authorization", ""),
                }
            )
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_PATCH = do_GET  # noqa: N815 - named by http.server

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        answering.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield answering
        finally:
            server.shutdown()
            thread.join()
