"""Processes of medvault that begin where all is imported: a second of CPU is spared at each start.

They are forked from a process that has imported everything and done nothing else.
"""

import ctypes
import math
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from multiprocessing.forkserver import _forkserver
from pathlib import Path

from support.servers.waiting import wait_until
from support.stack.service import Process, Spawn

PRELOADED = [
    "pytest",
    "celery.apps.worker",
    "celery.concurrency.solo",
    "celery.concurrency.thread",
    "kombu.transport.pyamqp",
    "medvault.api.server",
    "medvault.cli",
    "medvault.worker.process",
    "support.stack.nursery",
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
def nursery() -> Iterator[Spawn]:
    """A way to start processes, for `Service`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)

    def spawn(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
        process = context.Process(target=_live, args=(list(command), dict(environment), str(log)))
        with _ONE_AT_A_TIME:
            process.start()
        return Newborn(process)

    try:
        yield spawn
    finally:
        _forkserver._stop()  # type: ignore[attr-defined]


def _live(command: list[str], environment: dict[str, str], log: str) -> None:
    """Become the process that the command line names."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    kept = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(kept, 1)
    os.dup2(kept, 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = command
    from medvault.cli import main

    main()
