"""The operator as a process, before it has found a cluster."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import urllib3

from medvault_operator.__main__ import TERMINATED
from medvault_operator.runtime.settings import Settings, variable
from support.servers.machine import free_port
from support.servers.waiting import wait_until

NOWHERE = """\
apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{name: nowhere, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: nowhere, user: {token: hunter2}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nowhere}}]
"""
COMMAND = [sys.executable, "-m", "medvault_operator"]
NEEDED = {
    "MEDVAULT_OPERATOR_SERVICES_IMAGE": "ghcr.io/medvault/services:0.1.0",
    "MEDVAULT_OPERATOR_NAMESPACE": "medvault-system",
    "MEDVAULT_OPERATOR_HOST": "127.0.0.1",
}


def ended(environment: Mapping[str, str]) -> tuple[int, str]:
    """Run it to its end; return the exit code and what it said."""
    done = subprocess.run(COMMAND, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A replica that looks for a cluster where none is."""
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(NOWHERE)
    environment = {
        **NEEDED,
        "KUBECONFIG": str(kubeconfig),
        "MEDVAULT_OPERATOR_PORT": str(port),
    }
    with subprocess.Popen(COMMAND, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def probe(port: int, path: str) -> tuple[int, dict[str, object]] | None:
    try:
        answer = urllib3.request("GET", f"http://127.0.0.1:{port}{path}", retries=False, timeout=5)
    except urllib3.exceptions.HTTPError:
        return None
    return answer.status, answer.json()


def test_help_tells_every_setting_and_an_argument_is_refused() -> None:
    done = subprocess.run([*COMMAND, "--help"], env={}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert all(variable(name) in done.stdout for name in Settings.model_fields)
    refused = subprocess.run([*COMMAND, "x"], env={}, capture_output=True, text=True, timeout=60)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "unrecognized arguments: x" in refused.stderr


def test_without_settings_it_names_all_that_it_lacks_and_ends() -> None:
    code, said = ended({})
    assert code == 2
    assert "MEDVAULT_OPERATOR_SERVICES_IMAGE is missing" in said
    assert "Traceback" not in said


CLOSED = """
import ctypes, resource, sys
from medvault_operator import __main__ as command
def load():
    print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
    sys.exit()
command.load = load
command.main()
"""


def test_nobody_may_look_into_its_memory_before_it_has_read_a_setting() -> None:
    program = [sys.executable, "-I", "-c", CLOSED]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "0 (0, 0)\n"


def test_without_a_way_to_a_cluster_it_says_what_to_set_and_ends(tmp_path: Path) -> None:
    code, said = ended({**NEEDED, "HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "none")})
    assert code == 2
    assert "KUBECONFIG" in said
    assert "Traceback" not in said


def test_a_replica_that_is_asked_to_end_before_it_began_does(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    os.mkfifo(kubeconfig)
    environment = {**NEEDED, "KUBECONFIG": str(kubeconfig)}
    with subprocess.Popen(COMMAND, env=environment) as process, kubeconfig.open("w"):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == TERMINATED


def test_a_replica_that_stands_by_is_healthy_and_not_ready_and_ends_well_when_asked(
    tmp_path: Path,
) -> None:
    port = free_port()
    with running(tmp_path, port) as process:
        wait_until(lambda: probe(port, "/health"), seconds=60, what="an answer")
        health, ready = probe(port, "/health"), probe(port, "/ready")
        assert health is not None
        assert health[0] == 200
        assert ready is not None
        assert ready[0] == 503
        assert str(ready[1]["api"]).startswith("away: ")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    events = [json.loads(line)["event"] for line in said.splitlines()]
    assert events == [
        "Waiting for the Lease.",
        "The Lease can't be read or written.",
        "Asked to end.",
    ]
    assert "hunter2" not in said
