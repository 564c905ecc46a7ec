"""The webhook: how many POSTs a second one API process makes durable, beside bare uvicorn."""

import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from load import queues
from load.deployment import APP_SECRET, Api, Bare, Process, migrated
from load.measurement import Ground, Options
from load.rounds import Goal, Spread, progress, ratios
from load.surroundings import on_core
from load.tables import Tables
from load.traffic import PATH, RequestFile, write_requests
from load.wrk import CONNECTIONS, Load, LoadError, load, require_wrk
from support.servers.postgres import Postgres
from support.servers.rabbitmq import RabbitMQ
from support.servers.waiting import wait_until

GOAL = Goal("ingest_ratio", 0.30, 0.35)
WARM_UP = 2
"""Seconds, before every round."""
MOST = 0.7
"""The share of the reference's POSTs for which there are requests."""
_PATIENTS = 5000


@dataclass(slots=True)
class Measured:
    """One server's rounds."""

    per_second: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    def add(self, found: Load, cpu_seconds: float) -> None:
        """Add a round."""
        self.per_second.append(found.per_second)
        self.cpu.append(cpu_seconds / found.answers * 1e6)
        self.p50.append(found.p50)
        self.p99.append(found.p99)

    def shown(self, name: str) -> str:
        """All of it in a line."""
        p50, p99 = Spread(tuple(self.p50)).median, Spread(tuple(self.p99)).median
        cpu = Spread(tuple(self.cpu)).median
        rate = Spread(tuple(self.per_second)).shown()
        return f"{name:<17} {rate} POST/s   {cpu:.0f} µs CPU   p50 {p50:.1f} ms, p99 {p99:.1f} ms"

    def as_json(self) -> dict[str, object]:
        """All of it."""
        return {
            "posts_per_second": Spread(tuple(self.per_second)).as_json(),
            "server_cpu_microseconds_per_post": Spread(tuple(self.cpu)).as_json(),
            "p50_milliseconds": Spread(tuple(self.p50)).as_json(),
            "p99_milliseconds": Spread(tuple(self.p99)).as_json(),
        }


@dataclass(frozen=True, slots=True)
class Ingest:
    """The figures that were measured."""

    medvault: Measured
    bare: Measured
    taken: "_Taken"

    @property
    def ratio(self) -> Spread:
        """Ours beside the bare one, round by round."""
        return ratios(self.medvault.per_second, self.bare.per_second)

    def report(self) -> str:
        """The lines to print."""
        return "\n".join(
            [
                "Webhook: signed POSTs of 1.2 kB, 64 connections, one process on one core",
                self.bare.shown("uvicorn + HMAC"),
                self.medvault.shown("medvault api"),
                self.taken.shown(),
                GOAL.verdict(self.ratio),
            ]
        )

    def as_json(self) -> Mapping[str, object]:
        """The figures behind the ratio."""
        return {
            "ratio": self.ratio.as_json(),
            "medvault": self.medvault.as_json(),
            "uvicorn_and_hmac": self.bare.as_json(),
            "answers": self.taken.accepted,
            "rows": self.taken.rows,
            "spilled": self.taken.spilled,
        }

    def headlines(self) -> Mapping[str, float]:
        """The ratio."""
        return {GOAL.name: self.ratio.median}


@dataclass(frozen=True, slots=True)
class _Taken:
    """The updates that the API says it took, beside those that are there."""

    accepted: int
    spilled: int
    rows: int

    @classmethod
    def count(cls, api: Api, tables: Tables) -> "_Taken":
        """Count all that there is."""
        return cls(api.accepted(), api.spilled(), tables.rows("inbox"))

    def since(self, before: "_Taken") -> "_Taken":
        """The updates that came after another count."""
        return _Taken(
            self.accepted - before.accepted, self.spilled - before.spilled, self.rows - before.rows
        )

    def and_also(self, other: "_Taken") -> "_Taken":
        """Both together."""
        return _Taken(
            self.accepted + other.accepted, self.spilled + other.spilled, self.rows + other.rows
        )

    def shown(self) -> str:
        """All of it in a line."""
        late = f"; {self.spilled:,} went into the broker" if self.spilled else ""
        return f"{self.accepted:,} answers 200, {self.rows:,} rows in the inbox, fsync on{late}"

    @property
    def settled(self) -> bool:
        """Whether each answer has its row, or its message where PostgreSQL was late.

        A message that was late may have been committed all the same.
        """
        return self.rows <= self.accepted <= self.rows + self.spilled

    def must_hold(self, answers: int) -> None:
        """Raises `LoadError` unless wrk counted as many answers.

        wrk ends with up to a request a connection under way, which it does not count; it ran twice.
        """
        if not 0 <= self.accepted - answers <= 2 * CONNECTIONS:
            message = f"wrk counted {answers} answers, medvault {self.accepted}"
            raise LoadError(message)


def measure(ground: Ground) -> Ingest:
    """Rounds of both servers in turn; the server has the first core, all others the second."""
    require_wrk()
    postgres, rabbitmq = ground.postgres, ground.rabbitmq
    with on_core(ground.cores[1], postgres, rabbitmq):
        return _measured(postgres, rabbitmq, ground.cores, ground.options)


def _measured(
    postgres: Postgres, rabbitmq: RabbitMQ, cores: tuple[int, int], options: Options
) -> Ingest:
    rounds, seconds = options.rounds, options.seconds
    database, broker = postgres.new_database(migrated), rabbitmq.new_vhost()
    server_core, load_core = cores
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="medvault-bench-")))
        bare = stack.enter_context(Bare(server_core))
        api = stack.enter_context(Api(database, broker, server_core))
        tables = Tables(database)
        stack.callback(tables.close)
        few = write_requests(folder / "few", 4096, _PATIENTS, APP_SECRET.encode())
        most = load(bare.url(PATH), few, core=load_core, seconds=WARM_UP, again=True).per_second
        count = int(most * MOST * (WARM_UP + seconds))
        progress(f"ingest: signing {count:,} POSTs")
        requests = write_requests(folder / "requests", count, _PATIENTS, APP_SECRET.encode())
        measured, reference, total = Measured(), Measured(), _Taken(0, 0, 0)
        for number in range(1, rounds + 1):
            _round(bare, requests, load_core, seconds, reference)
            tables.clear_inbox()
            queues.purge(broker)
            before = _Taken.count(api, tables)
            answers = _round(api, requests, load_core, seconds, measured)
            wait_until(
                lambda then=before: _Taken.count(api, tables).since(then).settled,  # type: ignore[misc]
                seconds=10,
                what="a row or a message for each answer",
            )
            taken = _Taken.count(api, tables).since(before)
            taken.must_hold(answers)
            total = total.and_also(taken)
            progress(
                f"ingest: round {number} of {rounds}: uvicorn {reference.per_second[-1]:,.0f}/s, "
                f"medvault {measured.per_second[-1]:,.0f}/s "
                f"({measured.per_second[-1] / reference.per_second[-1]:.2f})"
            )
    return Ingest(measured, reference, total)


def _round(server: Process, requests: RequestFile, core: int, seconds: int, into: Measured) -> int:
    """Warm up, then measure; returns the answers to both."""
    again = isinstance(server, Bare)
    url, first = server.url(PATH), requests.count * WARM_UP // (WARM_UP + seconds)
    warm = load(url, requests, core=core, seconds=WARM_UP, again=again)
    before = server.cpu_seconds()
    found = load(url, requests, core=core, seconds=seconds, first=first, again=again)
    into.add(found, server.cpu_seconds() - before)
    return warm.answers + found.answers
