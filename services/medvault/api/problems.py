"""Errors as problem details (RFC 9457)."""

import json
from http import HTTPStatus

MEDIA_TYPE = "application/problem+json"
CLOSE = (b"connection", b"close")


def problem(
    status: int, detail: str, retry_after: int | None = None, *, close: bool = False
) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Return headers and body of an answer that says what is wrong, and may be the last one."""
    title = HTTPStatus(status).phrase
    body = json.dumps({"title": title, "status": status, "detail": detail}).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    if close:
        headers.append(CLOSE)
    return headers, body
