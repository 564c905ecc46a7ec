"""Processes of medvault that begin where all is imported: a second of CPU is spared at each start.

They are forked from a process that has imported everything and done nothing else, which lives as
long as somebody is in a `forking`.
"""

import ctypes
import math
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from multiprocessing.forkserver import _forkserver
from pathlib import Path

from support.servers.waiting import wait_until
from support.stack import service
from support.stack.service import PROGRAM, START, Process, Spawn

PRELOADED = [
    "pytest",
    "celery.apps.worker",
    "celery.concurrency.solo",
    "celery.concurrency.thread",
    "kombu.transport.pyamqp",
    "medvault.api.server",
    "medvault.cli",
    "medvault.worker.roles.inbound",
    "medvault.worker.roles.media",
    "medvault.worker.roles.outbound",
    "support.stack.forking",
]
_PR_SET_PDEATHSIG = 1


_ONE_AT_A_TIME = threading.RLock()
"""multiprocessing looks after all children whenever it starts one, and two lookers get in each
other's way."""


class Newborn:
    """A process, as `subprocess` would show it."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid or 0

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with _ONE_AT_A_TIME:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the exit code."""
        try:
            wait_until(lambda: self.poll() is not None, seconds=timeout or math.inf, what="its end")
        except TimeoutError:
            raise subprocess.TimeoutExpired("medvault", timeout or math.inf) from None
        return self.poll() or 0

    def send_signal(self, number: int, /) -> None:
        """Sends a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


@contextmanager
def forking() -> Iterator[Spawn]:
    """A way to start processes, for `Service`."""
    _inside.append(_spawn)
    try:
        yield _spawn
    finally:
        _inside.pop()
        if not _inside:
            _forkserver._stop()  # type: ignore[attr-defined]


_inside: list[Spawn] = []


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    program: Sequence[str] = (str(PROGRAM),),
    *,
    typed: str = "",
) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end, as `service.run` does; within a forking it forks.

    `typed` is what it can read. Another release has modules of its own, and never forks.
    """
    if not _inside or program[0] not in (str(PROGRAM), sys.executable):
        return service.run(command, environment, program, typed=typed)
    line = [*program, *command]
    with tempfile.TemporaryDirectory() as folder:
        stdin, stdout, stderr = (Path(folder) / name for name in ("stdin", "stdout", "stderr"))
        stdin.write_text(typed)
        process = _fork(line, environment, stdin, stdout, stderr)
        try:
            code = process.wait(START)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(line, code, stdout.read_text(), stderr.read_text())


def _spawn(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
    return _fork(command, environment, Path(os.devnull), log, log)


def _fork(
    command: Sequence[str], environment: Mapping[str, str], stdin: Path, stdout: Path, stderr: Path
) -> Newborn:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    files = tuple(map(str, (stdin, stdout, stderr)))
    process = context.Process(target=_live, args=(list(command), dict(environment), files))
    with _ONE_AT_A_TIME:
        process.start()
    return Newborn(process)


def _live(command: list[str], environment: dict[str, str], files: tuple[str, str, str]) -> None:
    """Become the process of a command line: medvault's own, or `python -P` and a script of ours."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    stdin, *outputs = files
    sys.stdin = Path(stdin).open()  # noqa: SIM115 - it stays open as long as the process
    for number, output in enumerate(outputs, start=1):
        os.dup2(os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    if command[0] == sys.executable:
        _, _, script, *arguments = command
        sys.argv = [script, *arguments]
        runpy.run_path(script, run_name="__main__")
        return
    sys.argv = command
    from medvault.cli import main

    main()
