"""A web page that somebody reads beside a running simulator uses it: by rebinding, or across sites.

The control is the same application without its guard.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import urllib3
from starlette.types import ASGIApp

from medvault.simulator.app import SimulatorApp, control_app
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.server import Running, in_thread
from support.attacks import Attacks

JSON = "application/json"
FORM = "multipart/form-data; boundary=x"
A_USER = json.dumps({"name": "Asha", "phone": "+919876543210"}).encode()
A_FILE = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
)


@dataclass(frozen=True)
class Visit:
    """A request that a browser sends for a page."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


def rebound(host: str, **more: str) -> list[Visit]:
    """A page whose name points here by now: for the browser all of this is the page's own."""
    headers = {"host": host, **more}
    return [
        Visit("GET", "/", headers),
        Visit("GET", "/sim/users", headers),
        Visit("GET", "/sim/ledger", headers),
        Visit("POST", "/sim/users", {**headers, "content-type": JSON}, A_USER),
        Visit("DELETE", "/sim/faults", headers),
    ]


def across(**headers: str) -> list[Visit]:
    """A page that sends without being asked whether it may, and never sees the answer."""
    return [
        Visit("POST", "/sim/app/verify", headers),
        Visit("POST", "/sim/users/{user}/identity", headers),
        Visit("POST", "/sim/users/{user}/messages", {**headers, "content-type": FORM}, A_FILE),
        Visit("POST", "/sim/users", {**headers, "content-type": JSON}, A_USER),
    ]


VISITS = [
    *rebound("evil.example"),
    *rebound("evil.example:8090", origin="http://evil.example:8090"),
    *rebound("localhost.evil.example"),
    *rebound("127.0.0.1.evil.example"),
    *rebound("127.0.0.1@evil.example"),
    *rebound("evil.example:80:80"),
    *rebound("[evil.example]"),
    *rebound(""),
    *across(origin="http://evil.example"),
    *across(origin="null"),
    *across(origin="http://127.0.0.1:1", **{"sec-fetch-site": "same-site"}),
    *across(**{"sec-fetch-site": "cross-site"}),
]


@pytest.fixture
def options() -> SimulatorOptions:
    return SimulatorOptions(
        webhook_url="http://127.0.0.1:9/webhook",
        app_secret="an-app-secret",
        access_tokens=("a-token",),
        verify_token="a-verify-token",
        port=0,
        public_url="http://simulator.clinic.svc:8090",
    )


@pytest.fixture
def simulator(options: SimulatorOptions) -> Iterator[Running]:
    with in_thread(options) as running:
        yield running


def ask(running: Running, visit: Visit) -> int:
    """The status over HTTP; `Host` stands for the simulator's own where the page sets none."""
    answer = urllib3.request(
        visit.method, running.url + visit.path, headers=visit.headers, body=visit.body or None
    )
    return answer.status


async def unguarded(app: ASGIApp, visit: Visit) -> int:
    """The status of the application itself."""
    answers: list[Any] = []
    path = visit.path.encode()
    headers = [(name.encode(), value.encode()) for name, value in visit.headers.items()]
    scope = {
        "type": "http", "method": visit.method, "path": visit.path, "raw_path": path,
        "query_string": b"", "headers": headers, "scheme": "http", "server": ("127.0.0.1", 80),
        "http_version": "1.1", "asgi": {"version": "3.0"}, "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": visit.body, "more_body": False}

    async def send(event: Any) -> None:
        answers.append(event)

    await app(scope, receive, send)
    return int(answers[0]["status"])


def of(visit: Visit, user: str) -> Visit:
    return Visit(visit.method, visit.path.format(user=user), visit.headers, visit.body)


def test_no_page_but_its_own_uses_the_simulator(
    simulator: Running, options: SimulatorOptions, attacks: Attacks
) -> None:
    user = urllib3.request("POST", f"{simulator.url}/sim/users", json={"name": "Ravi"}).json()
    taken = [visit for visit in VISITS if ask(simulator, of(visit, user["id"])) < 400]

    world = SimulatorApp(options, lambda: 0.0).world
    app, victim = control_app(world), world.users.add("Ravi", None, "@ravi").id
    statuses = [asyncio.run(unguarded(app, of(visit, victim))) for visit in VISITS]
    control = sum(status < 400 for status in statuses)
    attacks.tried("pages", len(VISITS), len(taken), control=(len(VISITS), control))
    assert taken == []
    assert control == len(VISITS)


@pytest.mark.parametrize("path", ["/sim/users", "/sim/users/{user}/messages", "/sim/faults"])
def test_json_is_taken_as_json_only(simulator: Running, path: str) -> None:
    user = urllib3.request("POST", f"{simulator.url}/sim/users", json={"name": "Ravi"}).json()
    url = simulator.url + path.format(user=user["id"])
    body = {"/sim/users": A_USER, "/sim/faults": b"{}"}.get(path, b'{"text": "hello"}')
    for kind in ("text/plain", "application/x-www-form-urlencoded", "text/plain;application/json"):
        answer = urllib3.request("POST", url, body=body, headers={"content-type": kind})
        assert answer.status in (415, 422)
    answer = urllib3.request("POST", url, body=body, headers={"content-type": f"{JSON}; a=b"})
    assert answer.status < 300


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "localhost:8090", "origin": "http://localhost:8090"},
        {"host": "LocalHost"},
        {"host": "[::1]:8090"},
        {"host": "10.2.3.4:8090", "sec-fetch-site": "same-origin"},
        {"host": "simulator.clinic.svc:8090", "sec-fetch-site": "none"},
    ],
)
def test_its_own_page_and_the_programs_of_whoever_runs_it_are_answered(
    simulator: Running, headers: dict[str, str]
) -> None:
    assert ask(simulator, Visit("GET", "/", headers)) == 200
    made = Visit("POST", "/sim/users", {**headers, "content-type": JSON}, A_USER)
    assert ask(simulator, made) == 201


def test_a_link_to_the_chat_page_works(simulator: Running) -> None:
    assert ask(simulator, Visit("GET", "/", {"sec-fetch-site": "cross-site"})) == 200
