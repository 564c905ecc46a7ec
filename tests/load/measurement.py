"""The form of every measurement: a name, a way to measure, and findings to print and to keep."""

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import ClassVar, Protocol, Self

from load.rounds import progress
from load.surroundings import run_in
from load.wrk import LoadError
from support.servers.postgres import PrivatePostgres, debian_binaries
from support.servers.rabbitmq import PrivateRabbitMQ


@dataclass(frozen=True, slots=True)
class Options:
    """How thorough to be."""

    rounds: int = 3
    seconds: int = 5
    patients: int = 5000
    waiting: int = 4
    known: int = 1_000_000
    reports: int = 10_000_000


class Findings(Protocol):
    """The results of a measurement: lines to print, and figures for `build/bench.json`."""

    def report(self) -> str:
        """The lines to print, with a verdict for each goal."""

    def as_json(self) -> Mapping[str, object]:
        """All figures, kept under the measurement's name."""

    def headlines(self) -> Mapping[str, float]:
        """The figures that goals are about, kept at the top."""


class _Postgres(PrivatePostgres):
    """With the time of every commit kept."""

    settings: ClassVar[dict[str, str]] = PrivatePostgres.settings | {"track_commit_timestamp": "on"}


class Ground:
    """The ground of a measurement: options, and servers of our own that start when asked for."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._stack = contextlib.ExitStack()

    @cached_property
    def postgres(self) -> PrivatePostgres:
        """PostgreSQL with fsync, run in."""
        progress("starting PostgreSQL")
        postgres = self._stack.enter_context(_Postgres(debian_binaries(), fsync=True))
        run_in(postgres.url)
        return postgres

    @cached_property
    def rabbitmq(self) -> PrivateRabbitMQ:
        """RabbitMQ as it comes."""
        progress("starting RabbitMQ")
        return self._stack.enter_context(PrivateRabbitMQ())

    @property
    def cores(self) -> tuple[int, int]:
        """One for the server, one for the load; raises `LoadError` where there is only one."""
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            message = "this measurement needs two cores: one for the server, one for the load"
            raise LoadError(message)
        return cores[0], cores[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


Measure = Callable[[Ground], Findings]
