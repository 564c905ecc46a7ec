import asyncio

import pytest
from fastapi import FastAPI

from medvault.api.webhook import Webhook
from support.reception import Front

OPEN_TO_ALL = {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
}
"""The cluster and its monitoring ask these; the entrance from outside leads to the webhook only."""
BY_VERIFY_TOKEN = {("GET", "/webhook/whatsapp")}


def routes(app: FastAPI) -> set[tuple[str, str]]:
    described = app.openapi()["paths"]
    found = {(method.upper(), path) for path, methods in described.items() for method in methods}
    return found | {("GET", app.openapi_url or "")}


def test_every_route_is_signed_or_known_to_be_open() -> None:
    front = Front()
    app = front._app
    assert isinstance(app, Webhook)
    assert isinstance(app._app, FastAPI)
    assert routes(app._app) == OPEN_TO_ALL | BY_VERIFY_TOKEN


@pytest.mark.parametrize(
    ("query", "status", "answer"),
    [
        ("hub.mode=subscribe&hub.verify_token=verify%20me&hub.challenge=4711", 200, b"4711"),
        ("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=4711", 403, None),
        ("hub.mode=other&hub.verify_token=verify%20me&hub.challenge=4711", 403, None),
        ("", 403, None),
        ("hub.mode=subscribe&hub.verify_token=%C3%A9&hub.challenge=1", 403, None),
    ],
)
def test_meta_gets_its_challenge_back_for_the_right_token(
    query: str, status: int, answer: bytes | None
) -> None:
    got = asyncio.run(Front().get("/webhook/whatsapp", query))
    assert got[0] == status
    if answer is None:
        assert got[1][b"content-type"].startswith(b"application/problem+json")
    else:
        assert got[1][b"content-type"].startswith(b"text/plain")
        assert got[2] == answer


def test_readiness_shows_each_dependency_with_its_latency() -> None:
    status, _, body = asyncio.run(Front().get("/ready"))
    assert status == 200
    assert b'"database":{"state":"up","ms":' in body.replace(b" ", b"")


def test_metrics_are_in_prometheus_format() -> None:
    _, headers, body = asyncio.run(Front().get("/metrics"))
    assert headers[b"content-type"].startswith(b"text/plain")
    assert b"# TYPE medvault_webhook_requests_total counter" in body


def test_another_path_is_not_found() -> None:
    assert asyncio.run(Front().post([b"{}"], None, path="/webhook/other"))[0] == 404
