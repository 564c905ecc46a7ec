"""One process of medvault, run by its console script as a deployment runs it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import urllib3

from support.servers.machine import family
from support.servers.waiting import wait_until

START = 30.0
GRACE = 25.0
COUNTED = 15.0
"""Seconds that a process may take to start, to end, and to count what it did."""

PROGRAM = Path(sys.executable).parent / "medvault"


class Process(Protocol):
    """The part of a running process that is used here."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the exit code; raises `TimeoutExpired`."""
        ...

    def send_signal(self, number: int, /) -> None:
        """Sends a signal."""
        ...


def spawn(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
    """Starts a process that ends with us."""
    with log.open("ab") as kept:
        return subprocess.Popen(
            ending_with_us(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=kept,
            stderr=kept,
            start_new_session=True,
        )


Spawn = Callable[[Sequence[str], Mapping[str, str], Path], Process]


class Service:
    """A long-running process with an HTTP port; its output is kept in `log`.

    It is ready once `ready`, a path on its port, answers 200; `spawn` is how it is started. Its
    probes are on the same port, unless `probes` names another one.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        port: int,
        *,
        name: str = "",
        ready: str = "/ready",
        spawn: Spawn = spawn,
        program: Sequence[str] = (str(PROGRAM),),
        probes: int | None = None,
    ) -> None:
        self.name = name or command[-1]
        self.url = f"http://127.0.0.1:{port}"
        self._probes = f"http://127.0.0.1:{probes or port}"
        self._ready = ready
        self._command = [*program, *command]
        self.environment = environment
        self._log = folder / f"{self.name}.log"
        self._spawn = spawn
        self._process: Process | None = None
        self._http = urllib3.PoolManager(retries=False, timeout=5)

    def start(self, **more: str) -> None:
        """Starts the process, with more variables perhaps; `wait` tells when it answers."""
        self._process = self._spawn(self._command, {**self.environment, **more}, self._log)

    def wait(self) -> None:
        """Waits until the process is ready."""
        wait_until(self._has_started, seconds=START, what=f"start of {self.name}")

    def terminate(self) -> int:
        """Sends SIGTERM and returns the exit code; raises `TimeoutExpired` after the grace time."""
        self._running.send_signal(signal.SIGTERM)
        return self._running.wait(GRACE)

    def died(self, seconds: float) -> int:
        """Waits for its end and returns the exit code; raises `TimeoutExpired`."""
        return self._running.wait(seconds)

    def kill(self) -> None:
        """Kills the process and all it started, whatever they are doing."""
        if not self.runs:
            return
        self._signal_family(signal.SIGKILL)
        self._running.wait(GRACE)

    def pause(self) -> None:
        """Freezes the process and all it started: connections stay open and nothing answers."""
        self._signal_family(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets a paused process go on."""
        self._signal_family(signal.SIGCONT)

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended, frozen or not."""
        return self._process is not None and self._process.poll() is None

    def is_ready(self) -> bool:
        """Whether it says that it is ready."""
        try:
            return self.get(self._ready).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def get(self, path: str) -> urllib3.BaseHTTPResponse:
        """GET of a path on the process's port."""
        return self._http.request("GET", self.url + path)

    def probe(self, path: str) -> urllib3.BaseHTTPResponse:
        """GET of a path on the port of its probes."""
        return self._http.request("GET", self._probes + path)

    def dependencies(self) -> dict[str, Any]:
        """The state of each dependency, as /ready tells it."""
        found: dict[str, Any] = self.probe("/ready").json()["dependencies"]
        return found

    def metric(self, name: str, **labels: str) -> float:
        """The value of one series."""
        listed = ",".join(f'{key}="{value}"' for key, value in labels.items())
        series = f"{name}{{{listed}}} " if listed else f"{name} "
        lines = self.probe("/metrics").data.decode().splitlines()
        return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(series))

    @contextmanager
    def counting(self, name: str, **labels: str) -> Iterator[None]:
        """Expects that the block makes a counter go up, `name` being without `medvault_`."""
        before = self.metric(f"medvault_{name}", **labels)
        yield
        wait_until(
            lambda: self.metric(f"medvault_{name}", **labels) > before,
            seconds=COUNTED,
            what=f"a rise of {name} in {self.name}",
        )

    @property
    def pid(self) -> int:
        """The process id of the last one that was started."""
        return self._running.pid

    @property
    def log(self) -> str:
        """The process's output so far."""
        return self._log.read_text(errors="replace")

    @property
    def _running(self) -> Process:
        if self._process is None:
            message = f"{self.name} was not started"
            raise RuntimeError(message)
        return self._process

    def _has_started(self) -> bool:
        if (code := self._running.poll()) is not None:
            message = f"{self.name} ended at its start with code {code}:\n{self.log}"
            raise RuntimeError(message)
        return self.is_ready()

    def _signal_family(self, number: signal.Signals) -> None:
        for member in family(self._running.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, number)


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    program: Sequence[str] = (str(PROGRAM),),
    *,
    typed: str = "",
) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end; `typed` is what it can read."""
    return subprocess.run(
        [*program, *command],
        env=dict(environment),
        input=typed,
        capture_output=True,
        text=True,
        timeout=START,
    )


def ending_with_us(command: Sequence[str]) -> list[str]:
    """The command line of a process that ends with this one, however this one ends."""
    setpriv = shutil.which("setpriv")
    return [*([setpriv, "--pdeathsig", "KILL"] if setpriv else []), *command]
