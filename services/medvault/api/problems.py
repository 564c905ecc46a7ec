"""Errors as problem details (RFC 9457)."""

import json
from http import HTTPStatus

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, detail: str, retry_after: int | None = None
) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Return headers and body of an answer that says what is wrong."""
    title = HTTPStatus(status).phrase
    body = json.dumps({"title": title, "status": status, "detail": detail}).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    return headers, body
