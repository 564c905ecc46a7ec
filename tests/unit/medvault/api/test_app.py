import asyncio
import time

import pytest
from fastapi import FastAPI

from medvault.api.webhook import Webhook
from support.reception import Answer, Front

OPEN_TO_ALL = {
    ("GET", "/health"),
    ("GET", "/ready"),
}
"""Balancers and kubelets ask these, and are told a word; the entrance leads to the webhook only."""
BY_VERIFY_TOKEN = {("GET", "/webhook/whatsapp")}


def routes(app: FastAPI) -> set[tuple[str, str]]:
    described = app.openapi()["paths"]
    return {(method.upper(), path) for path, methods in described.items() for method in methods}


def test_every_route_is_signed_or_known_to_be_open() -> None:
    front = Front()
    app = front.app
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


def test_everybody_is_told_whether_it_is_ready_and_nobody_why_not() -> None:
    front = Front()
    assert asyncio.run(front.get("/ready"))[::2] == (200, b'{"status":"ready"}')
    front.reception.readiness.drain()
    assert asyncio.run(front.get("/ready"))[::2] == (503, b'{"status":"draining"}')


def test_many_who_ask_whether_it_is_ready_are_answered_by_one_look() -> None:
    front, looks = Front(), []

    def slow() -> None:
        looks.append(1)
        time.sleep(0.1)

    front.readiness_over({"database": slow})

    async def ask() -> list[Answer]:
        return await asyncio.gather(*(front.get("/ready") for _ in range(50)))

    assert {answer[0] for answer in asyncio.run(ask())} == {200}
    assert len(looks) == 1


@pytest.mark.parametrize(
    "path", ["/metrics", "/openapi.json", "/docs", "/redoc", "/health/", "/webhook/whatsapp/"]
)
def test_what_is_not_for_the_internet_is_not_found_nor_pointed_at(path: str) -> None:
    status, headers, _ = asyncio.run(Front().get(path))
    assert status == 404
    assert b"location" not in headers


def test_a_challenge_is_shown_to_nobody_who_does_not_know_the_token() -> None:
    for challenge in ("4711", "x" * 501):
        query = f"hub.mode=subscribe&hub.verify_token=wrong&hub.challenge={challenge}"
        status, _, body = asyncio.run(Front().get("/webhook/whatsapp", query))
        assert status == 403
        assert challenge.encode() not in body


def test_another_path_is_not_found() -> None:
    assert asyncio.run(Front().post([b"{}"], None, path="/webhook/other"))[0] == 404
