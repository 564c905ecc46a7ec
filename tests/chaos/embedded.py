"""`medvault demo` under stress: one process with everything in it, and its PostgreSQL."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
import urllib3

from chaos.checker.sources import Sources
from chaos.components import COMES_BACK, CRASH_PAUSE, Component, DidNotComeBack
from chaos.deployment import LOG, Deployment, unfinished
from support.demo import DemoCommand
from support.hasty import hasty
from support.servers.machine import family

OWNER = "medvault_schema"


class WholeDemo(Component):
    """All of it."""

    name = kind = "medvault"

    def __init__(self, demo: DemoCommand) -> None:
        self._demo = demo

    def kill(self) -> None:
        self._demo.kill()

    def freeze(self) -> None:
        self._demo.signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._demo.signal_all(signal.SIGCONT)

    def start(self) -> None:
        deadline = time.monotonic() + COMES_BACK
        while not self._demo.runs:
            try:
                self._demo.start()
            except (AssertionError, TimeoutError) as failed:
                if time.monotonic() > deadline:
                    raise DidNotComeBack(self.name) from failed
                self.crashes += 1
                time.sleep(CRASH_PAUSE)

    def runs(self) -> bool:
        return self._demo.runs

    def is_ready(self) -> bool:
        try:
            url = f"{self._demo.api_url}/ready"
            return urllib3.request("GET", url, retries=False, timeout=2).status == 200
        except urllib3.exceptions.HTTPError:
            return False


class ItsPostgres(Component):
    """Its supervisor is the demo, so that it counts as running even while it is down."""

    name = kind = "postgres"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "postgres" / "postmaster.pid"

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def start(self) -> None:
        """Nobody but the demo does."""

    def runs(self) -> bool:
        return True

    def is_ready(self) -> bool:
        try:
            psycopg2.connect(self.url(), connect_timeout=2).close()
        except (psycopg2.OperationalError, OSError, IndexError):
            return False
        return True

    def url(self) -> str:
        """Where its owner finds it now: every start has a socket of its own."""
        folder = self._file.read_text().splitlines()[4]
        return f"postgresql://{OWNER}@/postgres?host={quote(folder, safe='')}"

    def _pid(self) -> int | None:
        with contextlib.suppress(OSError, IndexError, ValueError):
            return int(self._file.read_text().split()[0])
        return None

    def _signal(self, number: signal.Signals) -> None:
        pid = self._pid()
        for member in family(pid) if pid else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, number)


@contextmanager
def running_demo(folder: Path, repeat_seconds: float) -> Iterator[Deployment]:
    """A demo over a new folder, on ports of its own.

    A send that no status tells of is repeated after `repeat_seconds`.
    """
    data = folder / "data"
    demo = DemoCommand(data, program=hasty(repeat_seconds))
    postgres = ItsPostgres(data)
    with demo:
        yield Deployment(
            demo.chat_url,
            (WholeDemo(demo), postgres),
            lambda: unfinished(postgres.url()),
            lambda: _sources(demo, postgres, repeat_seconds),
            lambda: _logs(demo),
        )


def _sources(demo: DemoCommand, postgres: ItsPostgres, repeat_seconds: float) -> Sources:
    secrets = json.loads((demo.folder / "secrets.json").read_text())
    files, key = demo.folder / "files", secrets["index_key"]
    return Sources(demo.chat_url, postgres.url(), key, files, repeat_seconds)


def _logs(demo: DemoCommand) -> Iterator[tuple[str, str]]:
    yield "medvault", demo.printed[-LOG:]
    yield "postgres", (demo.folder / "postgres.log").read_text(errors="replace")[-LOG:]
