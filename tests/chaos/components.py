"""Components to kill and to freeze: servers, and processes of medvault, behind one face."""

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from support.servers.private import PrivateServer, ServerStartError
from support.stack.service import Service

LOOK = 0.05
CRASH_PAUSE = 1.0
COMES_BACK = 120.0
"""Seconds after which one that ended at its start is started again, and it must be ready."""


class DidNotComeBack(Exception):
    """A component was started again and again and did not get ready; the text names it."""


class Component(ABC):
    """One process tree by its `name`, such as inbound-2, of a `kind`, such as inbound.

    All calls block; `start` may be called only while it is down. `crashes` counts its ends at a
    start, which its supervisor mends.
    """

    name: str
    kind: str
    crashes: int = 0

    @abstractmethod
    def kill(self) -> None:
        """Kill it as kill -9 does, with all that it started."""

    @abstractmethod
    def freeze(self) -> None:
        """SIGSTOP it."""

    @abstractmethod
    def thaw(self) -> None:
        """SIGCONT it."""

    @abstractmethod
    def start(self) -> None:
        """Start it again as a supervisor would; raises `DidNotComeBack`."""

    @abstractmethod
    def runs(self) -> bool:
        """Whether it has not ended, frozen or not."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it does its work."""

    def wait(self) -> None:
        """Return once it does its work, or has ended; raises `DidNotComeBack`."""
        deadline = time.monotonic() + COMES_BACK
        while self.runs() and not self.is_ready():
            if time.monotonic() > deadline:
                raise DidNotComeBack(f"{self.name} was not ready within {COMES_BACK:g} s")
            time.sleep(LOOK)


@dataclass
class Server(Component):
    """A server that medvault stands on, or the balancer before it."""

    server: PrivateServer

    def __post_init__(self) -> None:
        self.name = self.kind = self.server.name

    def kill(self) -> None:
        if self.server.runs:
            self.server.kill()

    def freeze(self) -> None:
        if self.server.runs:
            with contextlib.suppress(TimeoutError):  # a child of it may be slow to stop
                self.server.pause()

    def thaw(self) -> None:
        if self.server.runs:
            self.server.resume()

    def start(self) -> None:
        deadline = time.monotonic() + COMES_BACK
        while not self.server.runs:
            try:
                self.server.start()
            except ServerStartError as failed:
                if time.monotonic() > deadline:
                    raise DidNotComeBack(f"{self.name}: {failed}") from failed
                self.crashes += 1
                time.sleep(CRASH_PAUSE)

    def runs(self) -> bool:
        return self.server.runs

    def is_ready(self) -> bool:
        return self.server.answers()


@dataclass
class Process(Component):
    """A process of medvault."""

    service: Service

    def __post_init__(self) -> None:
        self.name = self.service.name
        self.kind = self.name.rpartition("-")[0]

    def kill(self) -> None:
        self.service.kill()

    def freeze(self) -> None:
        self.service.pause()

    def thaw(self) -> None:
        self.service.resume()

    def runs(self) -> bool:
        return self.service.runs

    def is_ready(self) -> bool:
        return self.service.is_ready()

    def start(self) -> None:
        deadline = time.monotonic() + COMES_BACK
        self.service.start()
        while not self.service.is_ready():
            if time.monotonic() > deadline:
                raise DidNotComeBack(f"{self.name} was not ready within {COMES_BACK:g} s")
            if not self.service.runs:
                self.crashes += 1
                time.sleep(CRASH_PAUSE)
                self.service.start()
            time.sleep(LOOK)


def by_kind(components: Iterable[Component]) -> dict[str, list[str]]:
    """The names of the components of each kind."""
    found: dict[str, list[str]] = {}
    for component in components:
        found.setdefault(component.kind, []).append(component.name)
    return found
