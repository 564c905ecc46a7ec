"""Probes over HTTP."""

import socket
from collections.abc import Iterator

import pytest
import urllib3

from medvault_operator.kube.kinds import OPTIONAL, WATCHED
from medvault_operator.observability import metrics
from medvault_operator.observability.metrics import Outcome
from medvault_operator.observability.probes import Health, ProbeServer


class Replica:
    health = Health(well=True, details={"status": "ok"})
    ready = Health(well=True, details={"leader": True})


@pytest.fixture
def replica() -> Replica:
    return Replica()


@pytest.fixture
def server(replica: Replica) -> Iterator[ProbeServer]:
    server = ProbeServer("127.0.0.1", 0, lambda: replica.health, lambda: replica.ready)
    server.start()
    yield server
    server.stop()


def get(server: ProbeServer, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
    with urllib3.PoolManager() as pool:
        return pool.request("GET", f"http://127.0.0.1:{server.port}{path}", headers=headers)


def test_what_is_well_answers_200_with_its_details(server: ProbeServer) -> None:
    answer = get(server, "/ready")
    assert (answer.status, answer.json()) == (200, {"leader": True})
    assert get(server, "/health?verbose").json() == {"status": "ok"}


def test_what_is_not_well_answers_503_and_says_why(server: ProbeServer, replica: Replica) -> None:
    replica.ready = Health(well=False, details={"api": "away"})
    answer = get(server, "/ready")
    assert (answer.status, answer.json()) == (503, {"api": "away"})
    assert get(server, "/health").status == 200


def test_other_paths_are_not_found(server: ProbeServer) -> None:
    assert get(server, "/").status == 404


def test_every_series_exists_from_the_start(server: ProbeServer) -> None:
    answer = get(server, "/metrics", Accept="text/plain")
    lines = answer.data.decode()
    for outcome in Outcome:
        assert f'medvault_operator_reconcile_seconds_count{{outcome="{outcome}"}}' in lines
    for kind in (*WATCHED, *OPTIONAL):
        assert f'medvault_operator_drift_corrections_total{{kind="{kind.name}"}}' in lines
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_every_metric_has_a_meaning() -> None:
    described = [metric.documentation for metric in metrics.REGISTRY.collect()]
    assert described
    assert all(described)


def test_who_sends_nothing_is_hung_up_on_while_others_are_served(server: ProbeServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as silent:
        assert get(server, "/health").status == 200
        silent.settimeout(10)
        assert silent.recv(1) == b""
