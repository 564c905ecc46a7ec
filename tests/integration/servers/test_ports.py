"""No two processes that run tests are dealt the same port."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.servers.machine import PORTS, dealt_ports, free_port

TESTS = Path(__file__).parents[2]
DEAL = (
    f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
    "from support.servers.machine import free_port\n"
    "print(*(free_port() for _ in range(50)))"
)


def test_processes_that_ask_at_once_get_different_ports(tmp_path: Path) -> None:
    command, where = [sys.executable, "-c", DEAL], {**os.environ, "TMPDIR": str(tmp_path)}
    asking = [
        subprocess.Popen(command, env=where, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    dealt = [port for one in asking for port in one.communicate()[0].split()]
    assert len(set(dealt)) == 150


@pytest.fixture
def last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the last port is kept, by nobody else."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return dealt_ports()


def test_after_the_last_port_comes_the_first(last: Path) -> None:
    last.write_text(str(PORTS[-2]))
    assert free_port() in PORTS
    assert free_port() < PORTS[-1]


def test_a_port_that_somebody_listens_on_is_left_out(last: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        last.write_text(str(port - 1))
        assert free_port() != port
