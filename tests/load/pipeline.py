"""The pipeline: messages a second from their POST to the commit of their effect."""

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from load import stream
from load.backlog import greet
from load.deployment import Api, InboundWorker, Process, RawApi, RawConsumer
from load.measurement import Ground
from load.rounds import Goal, Spread, progress, ratios
from load.tables import Tables
from load.traffic import RequestFile

GOAL = Goal("pipeline_ratio", 5)
WARM_UP = 2
MOST = 16_000
"""Messages a second for which there are requests."""


@dataclass(frozen=True, slots=True)
class Round:
    """One way of doing it, for a few seconds."""

    per_second: float
    left: int
    """Messages that still waited when the last was answered; at most the window's."""
    cpu: Mapping[str, float]
    """Microseconds a message, by process."""
    written: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The rounds that were measured."""

    raw: Sequence[Round]
    medvault: Sequence[Round]

    @property
    def ratio(self) -> Spread:
        """Ours beside the raw one, round by round."""
        return ratios([r.per_second for r in self.medvault], [r.per_second for r in self.raw])

    def report(self) -> str:
        """The lines to print."""
        return "\n".join(
            [
                "Pipeline: from the POST to the commit of its effect, one API and one worker",
                *_lines("FastAPI, aio-pika, asyncpg", self.raw),
                *_lines("medvault", self.medvault),
                GOAL.verdict(self.ratio),
            ]
        )

    def as_json(self) -> Mapping[str, object]:
        """The figures behind the ratio."""
        return {
            "ratio": self.ratio.as_json(),
            "fastapi_aio_pika_asyncpg": _figures(self.raw),
            "medvault": _figures(self.medvault),
        }

    def headlines(self) -> Mapping[str, float]:
        """The ratio."""
        return {GOAL.name: self.ratio.median}


def _rate(rounds: Sequence[Round]) -> Spread:
    return Spread(tuple(one.per_second for one in rounds))


def _lines(title: str, rounds: Sequence[Round]) -> list[str]:
    last = rounds[-1]
    cpu = ", ".join(f"{name} {spent:.0f}" for name, spent in last.cpu.items())
    rows = ", ".join(f"{table} {count:,}" for table, count in last.written.items() if count)
    return [
        f"{title:<28}{_rate(rounds).shown()} messages/s, {last.left} on their way at the end",
        f"    CPU a message: {cpu} µs; rows: {rows}",
    ]


def _figures(rounds: Sequence[Round]) -> Mapping[str, object]:
    return {
        "messages_per_second": _rate(rounds).as_json(),
        "left": [one.left for one in rounds],
        "cpu_microseconds_per_message": dict(rounds[-1].cpu),
        "rows_written": dict(rounds[-1].written),
    }


def measure(ground: Ground) -> Pipeline:
    """Rounds of both in turn; nothing is bound to a core."""
    raw: list[Round] = []
    medvault: list[Round] = []
    seconds = ground.options.seconds
    with tempfile.TemporaryDirectory(prefix="medvault-bench-") as folder:
        progress("pipeline: signing POSTs")
        requests = stream.requests(Path(folder), MOST * (WARM_UP + seconds))
        for number in range(1, ground.options.rounds + 1):
            raw.append(_round(ground, requests, RawApi, RawConsumer))
            medvault.append(_round(ground, requests, Api, InboundWorker))
            progress(
                f"pipeline: round {number}: raw {raw[-1].per_second:,.0f}/s, medvault "
                f"{medvault[-1].per_second:,.0f}/s"
            )
    return Pipeline(raw, medvault)


def _round(
    ground: Ground,
    requests: RequestFile,
    front: type[RawApi] | type[Api],
    back: type[RawConsumer] | type[InboundWorker],
) -> Round:
    greeted = partial(greet, patients=stream.PATIENTS)
    database, broker = ground.postgres.new_database(greeted), ground.rabbitmq.new_vhost()
    with contextlib.ExitStack() as stack:
        stack.callback(ground.postgres.drop_database, database)
        stack.callback(ground.rabbitmq.delete_vhost, broker)
        api = stack.enter_context(front(database, broker))
        worker = stack.enter_context(back(database, broker))
        tables = stack.enter_context(contextlib.closing(Tables(database)))
        tables.settle()
        greetings = tables.last_seq()
        warm = stream.as_handled(api, requests, stream.PATIENTS, database, WARM_UP)
        tables.wait_for_all(greetings + warm.count)
        return _measured(tables, requests, warm.count, api, worker, ground.options.seconds)


def _measured(
    tables: Tables, requests: RequestFile, warm: int, api: Process, worker: Process, seconds: int
) -> Round:
    last, before = tables.last_seq(), tables.counts()
    spent = {process.name: process.cpu_seconds() for process in (api, worker)}
    sent = stream.as_handled(api, requests, stream.PATIENTS + warm, tables.url, seconds)
    spent = {process.name: process.cpu_seconds() - spent[process.name] for process in (api, worker)}
    tables.wait_for_all(last + sent.count)
    end = sent.started + sent.seconds
    by_then = sum(at <= end for at in tables.commits_after(last).values())
    after = tables.counts()
    return Round(
        by_then / sent.seconds,
        sent.count - by_then,
        {name: used / sent.count * 1e6 for name, used in spent.items()},
        {table: after[table] - before[table] for table in after},
    )
