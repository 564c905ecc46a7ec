"""The message processor: messages a second, whole steps committed, beside a raw consumer."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from load import queues
from load.backlog import Backlog
from load.deployment import InboundWorker, Process, RawConsumer
from load.measurement import Ground
from load.rounds import Goal, Spread, progress, ratios
from load.tables import Tables
from load.traffic import Schedule
from load.wrk import LoadError
from support.servers.postgres import Postgres
from support.servers.rabbitmq import RabbitMQ
from support.servers.waiting import wait_until

GOAL_1 = Goal("processor_ratio_1", 4)
GOAL_2 = Goal("processor_ratio_2", 6)
_POLL = 0.2
"""Seconds between two looks at the inbox, which cost time too."""
PATIENCE = 180
"""Seconds within which a backlog must be handled."""


@dataclass(frozen=True, slots=True)
class Round:
    """One way through the backlog."""

    per_second: float
    cpu: float
    """Microseconds of the consumers' processor time a message."""
    written: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Contestant:
    """A handler of the backlog: processes, started before or after its messages are there."""

    name: str
    title: str
    processes: int
    raw: bool = False


REFERENCE = Contestant("raw_aio_pika_and_asyncpg", "raw aio-pika + asyncpg", 1, raw=True)
ONE = Contestant("medvault_1_process", "medvault, 1 process", 1)
TWO = Contestant("medvault_2_processes", "medvault, 2 processes", 2)
CONTESTANTS = (REFERENCE, ONE, TWO)


@dataclass(frozen=True, slots=True)
class Processor:
    """The rounds that were measured."""

    schedule: Schedule
    rounds: Mapping[str, Sequence[Round]]

    def ratio(self, contestant: Contestant) -> Spread:
        """Ours beside the raw consumer, round by round."""
        return ratios(self._rates(contestant), self._rates(REFERENCE))

    def _rates(self, contestant: Contestant) -> list[float]:
        return [one.per_second for one in self.rounds[contestant.name]]

    def _line(self, contestant: Contestant) -> str:
        rate = Spread(tuple(self._rates(contestant))).shown()
        cpu = Spread(tuple(one.cpu for one in self.rounds[contestant.name])).median
        return f"{contestant.title:<22} {rate} messages/s   {cpu:.0f} µs CPU of its own"

    def report(self) -> str:
        """The lines to print."""
        plan = self.schedule
        lines = [
            f"Message processor: {plan.waiting} messages of each of {plan.patients:,} patients",
            *(self._line(contestant) for contestant in CONTESTANTS),
            "Rows written a round:",
        ]
        for contestant in CONTESTANTS:
            written = self.rounds[contestant.name][0].written
            rows = ", ".join(f"{table} {count:,}" for table, count in written.items())
            lines.append(f"  {contestant.title:<22} {rows}")
        lines += [GOAL_1.verdict(self.ratio(ONE)), GOAL_2.verdict(self.ratio(TWO))]
        return "\n".join(lines)

    def as_json(self) -> Mapping[str, object]:
        """The figures behind the ratios."""
        figures: dict[str, object] = {
            "patients": self.schedule.patients,
            "messages": self.schedule.patients * self.schedule.waiting,
            "ratio_1": self.ratio(ONE).as_json(),
            "ratio_2": self.ratio(TWO).as_json(),
        }
        for contestant in CONTESTANTS:
            rounds = self.rounds[contestant.name]
            figures[contestant.name] = {
                "messages_per_second": Spread(tuple(self._rates(contestant))).as_json(),
                "cpu_microseconds_per_message": Spread(tuple(o.cpu for o in rounds)).as_json(),
                "rows_written": dict(rounds[0].written),
            }
        return figures

    def headlines(self) -> Mapping[str, float]:
        """Both ratios."""
        return {GOAL_1.name: self.ratio(ONE).median, GOAL_2.name: self.ratio(TWO).median}


def measure(ground: Ground) -> Processor:
    """Rounds of all contestants in turn, each from the same rows on; nothing is bound to a core."""
    postgres, rabbitmq, rounds = ground.postgres, ground.rabbitmq, ground.options.rounds
    schedule = Schedule(ground.options.patients, ground.options.waiting)
    progress("processor: bringing patients to the middle of their conversations")
    backlog = Backlog(schedule)
    postgres.drop_database(postgres.new_database(backlog.prepare))
    found: dict[str, list[Round]] = {contestant.name: [] for contestant in CONTESTANTS}
    for number in range(1, rounds + 1):
        for contestant in CONTESTANTS:
            one = _round(postgres, rabbitmq, backlog, contestant)
            found[contestant.name].append(one)
            _same(one.written, found[REFERENCE.name][0].written)
            progress(
                f"processor: round {number} of {rounds}: {contestant.title} "
                f"{one.per_second:,.0f}/s"
                f" ({one.per_second / found[REFERENCE.name][-1].per_second:.2f})"
            )
    return Processor(schedule, found)


def _round(
    postgres: Postgres, rabbitmq: RabbitMQ, backlog: Backlog, contestant: Contestant
) -> Round:
    database, broker = postgres.new_database(backlog.prepare), rabbitmq.new_vhost()
    try:
        with contextlib.closing(Tables(database)) as tables:
            return _handled(tables, database, broker, backlog, contestant)
    finally:
        rabbitmq.delete_vhost(broker)
        postgres.drop_database(database)


def _handled(
    tables: Tables, database: str, broker: str, backlog: Backlog, contestant: Contestant
) -> Round:
    before, last = tables.counts(), tables.last_seq()
    with contextlib.ExitStack() as stack:
        start: Callable[[], list[Process]] = lambda: [  # noqa: E731
            stack.enter_context(
                RawConsumer(database, broker) if contestant.raw else InboundWorker(database, broker)
            )
            for _ in range(contestant.processes)
        ]
        tables.settle()
        if contestant.raw:
            queues.declare_raw(broker)
            queues.publish(broker, queues.RAW, backlog.raw())
            queues.filled(broker, queues.RAW, len(backlog.updates))
            processes = start()
            started = [0.0]
        else:
            processes = start()
            backlog.receive(database)
            started = [process.cpu_seconds() for process in processes]
            backlog.wake(broker)
        wait_until(
            lambda: _all_handled(tables, last, backlog, processes),
            seconds=PATIENCE,
            what="the end of the backlog",
        )
        cpu = sum(p.cpu_seconds() for p in processes) - sum(started)
    span = tables.span_after(last)
    after = tables.counts()
    written = {table: after[table] - before[table] for table in after}
    return Round(span.per_second, cpu / len(backlog.updates) * 1e6, written)


def _all_handled(tables: Tables, last: int, backlog: Backlog, processes: Sequence[Process]) -> bool:
    for process in processes:
        process.must_run()
    time.sleep(_POLL)
    return tables.handled_after(last) == len(backlog.updates)


def _same(written: Mapping[str, int], reference: Mapping[str, int]) -> None:
    """Raises `LoadError` unless both wrote as many rows."""
    if written != reference:
        message = f"rows differ: {dict(written)}, the reference {dict(reference)}"
        raise LoadError(message)
