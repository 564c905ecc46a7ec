import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import urllib3

from medvault.domain.errors import Unavailable
from medvault.observability import probes
from medvault.observability.health import Readiness
from medvault.observability.probes import ProbeServer


class Database:
    """A dependency that tests take away."""

    answers = True

    def __call__(self) -> None:
        if not self.answers:
            raise ConnectionError


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def server(database: Database) -> Iterator[ProbeServer]:
    server = ProbeServer("127.0.0.1", 0, Readiness({"database": database}))
    server.start()
    yield server
    server.stop()


def ask(server: ProbeServer, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
    url = f"http://127.0.0.1:{server.port}{path}"
    with urllib3.PoolManager(retries=False) as http:
        return http.request("GET", url, headers=headers, timeout=5)


def send(server: ProbeServer, data: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    connection.sendall(data)
    return connection


def was_closed(connection: socket.socket) -> bool:
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


def test_health_is_ok_whatever_the_dependencies_do(server: ProbeServer, database: Database) -> None:
    database.answers = False
    answer = ask(server, "/health")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})


def test_ready_is_200_while_the_dependencies_answer(server: ProbeServer) -> None:
    answer = ask(server, "/ready?verbose")
    assert answer.status == 200
    assert answer.json()["status"] == "ready"
    assert answer.json()["dependencies"]["database"]["state"] == "up"


def test_ready_is_503_while_one_is_down(server: ProbeServer, database: Database) -> None:
    database.answers = False
    answer = ask(server, "/ready")
    assert answer.status == 503
    assert answer.json()["dependencies"]["database"]["state"] == "down"


def test_metrics_come_as_prometheus_text(server: ProbeServer) -> None:
    answer = ask(server, "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert b'medvault_webhook_requests_total{answer="200"}' in answer.data


def test_metrics_come_as_openmetrics_to_those_who_accept_it(server: ProbeServer) -> None:
    answer = ask(server, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.data.endswith(b"# EOF\n")


def test_other_paths_and_methods_are_refused(server: ProbeServer) -> None:
    assert ask(server, "/secret").status == 404
    with send(server, b"POST /ready HTTP/1.1\r\n\r\n") as connection:
        assert connection.recv(12) == b"HTTP/1.0 501"


def test_nothing_is_ever_printed(server: ProbeServer, capfd: pytest.CaptureFixture[str]) -> None:
    ask(server, "/ready")
    ask(server, "/nowhere")
    for broken in (b"\x16\x03\x01\r\n\r\n", b"GET\r\n\r\n", b"GET /metrics HTTP/9\r\n\r\n", b""):
        with send(server, broken) as connection:
            connection.shutdown(socket.SHUT_WR)
            assert was_closed(connection)
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_a_request_that_dribbles_in_is_cut_off(
    server: ProbeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "SECONDS", 0.3)
    started = time.monotonic()
    with send(server, b"GET /health HTTP/1.1\r\nX: ") as connection:
        connection.settimeout(0.05)
        while time.monotonic() - started < 5:
            try:
                connection.sendall(b"x")
                if connection.recv(4096) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    assert time.monotonic() - started < 2


def test_an_endless_request_is_cut_off(server: ProbeServer) -> None:
    endless = b"GET /health HTTP/1.1\r\n" + b"X-Long: endless\r\n" * 1_000_000
    with send(server, b"") as connection, pytest.raises(ConnectionError):
        connection.sendall(endless)


def test_idle_connections_cannot_use_up_the_threads(
    server: ProbeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "SECONDS", 1.0)
    with ExitStack() as stack:
        idle = [stack.enter_context(send(server, b"")) for _ in range(probes.CONNECTIONS + 8)]
        assert was_closed(idle[-1])
        assert all(was_closed(connection) for connection in idle)
    assert ask(server, "/health").status == 200


def test_a_stopped_server_releases_its_port() -> None:
    first = ProbeServer("127.0.0.1", 0, Readiness({}))
    first.start()
    first.stop()
    second = ProbeServer("127.0.0.1", first.port, Readiness({}))
    second.start()
    assert json.loads(ask(second, "/health").data) == {"status": "ok"}
    second.stop()


@pytest.mark.parametrize(("known", "status"), [(True, 200), (False, 503)])
def test_a_page_of_what_is_not_known_is_an_error(
    database: Database, known: bool, status: int
) -> None:
    def page() -> dict[str, object]:
        if not known:
            raise Unavailable("database")
        return {"waiting": 0}

    server = ProbeServer("127.0.0.1", 0, Readiness({"database": database}), pages={"/w": page})
    server.start()
    answer = ask(server, "/w")
    server.stop()
    assert answer.status == status
    assert (answer.json() == {"waiting": 0}) is known
