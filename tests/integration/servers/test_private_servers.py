"""A private server starts, fails and vanishes as the tests of failures need it to."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from support.servers import scratch
from support.servers.clamd import PrivateClamd
from support.servers.machine import MissingServerError, family, processes, program
from support.servers.postgres import PrivatePostgres, debian_binaries, wheel_binaries
from support.servers.private import PrivateServer, ServerStartError
from support.servers.rabbitmq import PrivateRabbitMQ
from support.servers.s3 import private_s3
from support.servers.valkey import PrivateValkey, valkey
from support.servers.waiting import wait_until

EVERY_KIND = {
    "wheel": lambda: PrivatePostgres(wheel_binaries()),
    "debian": lambda: PrivatePostgres(debian_binaries()),
    "rabbitmq": PrivateRabbitMQ,
    "valkey": PrivateValkey,
    "clamd": PrivateClamd,
    "s3": private_s3,
}


@pytest.mark.parametrize("make", EVERY_KIND.values(), ids=EVERY_KIND.keys())
def test_a_server_survives_a_pause_and_a_kill_and_leaves_nothing(
    make: Callable[[], PrivateServer],
) -> None:
    with make() as server:
        server.pause()
        assert not server.answers()
        server.resume()
        wait_until(server.answers, seconds=10, what="answer after a pause")

        members = family(server.pid)
        server.kill()
        assert not server.answers()
        wait_until(lambda: not alive(members), seconds=5, what="end of all its processes")

        server.start()
        assert server.answers()
        members = family(server.pid)
    wait_until(lambda: not alive(members), seconds=5, what="end of all its processes")
    assert not server.directory.exists()


def test_a_server_that_is_stopped_comes_back_under_its_url() -> None:
    with PrivateValkey() as server:
        url = server.url
        server.stop()
        assert not server.answers()
        server.start()
        assert server.url == url
        assert server.answers()


def test_a_failing_start_shows_the_log() -> None:
    class Broken(PrivateServer):
        name = "broken"

        def command(self) -> list[str]:
            return ["sh", "-c", "echo port is taken; exit 3"]

        def answers(self) -> bool:
            return False

    server = Broken()
    with pytest.raises(
        ServerStartError, match=r"ended at its start with code 3(.|\n)*port is taken"
    ):
        server.__enter__()
    assert not server.directory.exists()


def test_a_missing_server_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(MissingServerError, match="apt-get install it"):
        program("no-such-server", missing="apt-get install it")


def test_a_url_variable_replaces_the_private_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDVAULT_TEST_REDIS_URL", "redis://elsewhere:6379/7")
    assert next(valkey()).url == "redis://elsewhere:6379/7"


def test_a_killed_run_leaves_no_process_and_the_next_one_clears_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = abandoned_run(tmp_path)
    server = int(run.stdout.readline()) if run.stdout else 0
    assert alive([server])
    run.kill()
    run.communicate()
    wait_until(lambda: not alive([server]), seconds=5, what="end of the orphan")

    (left,) = folders(tmp_path)
    scratch.sweep(tmp_path)
    assert left.exists(), "a newborn directory may not be locked yet"
    monkeypatch.setattr(scratch, "NEWBORN", -1.0)
    scratch.sweep(tmp_path)
    assert not left.exists()


def test_a_directory_in_use_is_never_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "NEWBORN", -1.0)
    mine = scratch.Scratch("mine", tmp_path)
    scratch.sweep(tmp_path)
    assert mine.path.exists()
    mine.remove()
    assert not mine.path.exists()


def test_an_interrupted_run_clears_up_by_itself(tmp_path: Path) -> None:
    run = abandoned_run(tmp_path)
    server = int(run.stdout.readline()) if run.stdout else 0
    run.send_signal(signal.SIGINT)
    run.communicate()
    assert not alive([server])
    assert folders(tmp_path) == []


def abandoned_run(folder: Path) -> subprocess.Popen[str]:
    """A process that starts a server in `folder`, prints its pid and sleeps."""
    script = (
        "import time; from support.servers.valkey import PrivateValkey\n"
        "print(PrivateValkey().start().pid, flush=True); time.sleep(60)"
    )
    tests = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(tests), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def folders(parent: Path) -> list[Path]:
    """The directories of servers in it."""
    return list(parent.glob(f"{scratch.PREFIX}*"))


def alive(pids: Iterable[int]) -> list[int]:
    """Those of the processes that still run."""
    running = processes()
    return [pid for pid in pids if pid in running]
