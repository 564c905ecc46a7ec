"""A store of one bucket that knows lifecycle rules, and declines what it is told to.

The S3 server of the tests knows none. This one keeps what it is given as it came, and answers in
S3's forms: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_S3.html
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from medvault.adapters.s3.options import S3Options

BUCKET = "reports-of-a-clinic"
_VERSIONING = b"<VersioningConfiguration></VersioningConfiguration>"
_LISTING = b"<ListBucketResult><Name>b</Name><KeyCount>0</KeyCount></ListBucketResult>"


@dataclass
class RuledStore:
    """A store that refuses a request, `METHOD subject`, with the status and code in `refuses`.

    A subject is `bucket`, or the name of a bucket's setting; `asked` has all requests in order.
    """

    options: S3Options = field(default_factory=lambda: S3Options(BUCKET, "eu-central-1"))
    exists: bool = True
    kept: dict[str, bytes] = field(default_factory=lambda: {"versioning": _VERSIONING})
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)

    def answer(self, request: str, body: bytes) -> tuple[int, bytes]:
        """A status and a body."""
        self.asked.append(request)
        self.bodies[request] = body
        method, subject = request.split()
        if refusal := self.refuses.get(request):
            return refusal[0], _error(refusal[1])
        if request == "PUT bucket":
            self.exists = True
            return 200, b""
        if not self.exists:
            return 404, _error("NoSuchBucket")
        if method == "PUT":
            self.kept[subject] = body
            return 200, b""
        if subject == "bucket":
            return 200, _LISTING
        if subject in self.kept:
            return 200, self.kept[subject]
        return 404, _error("NoSuchLifecycleConfiguration")


@contextmanager
def ruled_store() -> Iterator[RuledStore]:
    """Serves one on loopback."""
    store = RuledStore()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_PUT(self) -> None:
            self._serve()

        def log_message(self, *_: Any) -> None:
            pass

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = urlsplit(self.path).query.partition("&")[0].partition("=")[0]
            subject = query if query in {"versioning", "lifecycle"} else "bucket"
            status, answer = store.answer(f"{self.command} {subject}", body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        store.options = S3Options(BUCKET, "eu-central-1", url, "access", "secret")
        try:
            yield store
        finally:
            server.shutdown()
            thread.join()


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
