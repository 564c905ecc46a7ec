"""The cost of a message with many years of patients and reports in the database."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from load.backlog import Backlog
from load.costs import STEPS, Costs, costs
from load.mass import TABLES, Mass, size
from load.measurement import Ground
from load.plans import watched
from load.rounds import Goal, Spread, progress, ratios
from load.surroundings import run_in
from load.tables import Tables
from load.traffic import Schedule
from load.wrk import LoadError
from medvault.domain.updates import STATUSES
from support.servers.postgres import PrivatePostgres, debian_binaries
from support.servers.rabbitmq import RabbitMQ

GOAL = Goal("growth_ratio", 1.5, at_most=True)
PATIENTS = 2000
"""The patients who write in a round, four messages each."""
PLANS = Path("build/plans.txt")


class _Postgres(PrivatePostgres):
    """With the memory that one of this size is given."""

    settings: ClassVar[dict[str, str]] = PrivatePostgres.settings | {"shared_buffers": "2GB"}


@dataclass(frozen=True, slots=True)
class Growth:
    """The figures that were measured."""

    mass: Mass
    gigabytes: float
    seconds: float
    empty: Sequence[Costs]
    full: Sequence[Costs]

    def ratio(self, step: str) -> Spread:
        """Full beside empty, round by round."""
        return ratios(_times(self.full, step), _times(self.empty, step))

    @property
    def whole(self) -> Spread:
        """The same of a message with all that it causes."""
        return ratios([one.whole for one in self.full], [one.whole for one in self.empty])

    def report(self) -> str:
        """The lines to print."""
        mass = self.mass
        lines = [
            f"Growth: {mass.patients:,} patients and {mass.reports:,} reports",
            f"{self.gigabytes:.1f} GB, filled in {self.seconds:.0f} s. Microseconds each:",
        ]
        for step, title in STEPS.items():
            empty, full = _median(self.empty, step), _median(self.full, step)
            lines.append(
                f"{title:<28} empty {empty:7.0f}   full {full:7.0f}   {self.ratio(step).shown(2)}"
            )
        return "\n".join([*lines, f"Plans of all statements: {PLANS}", GOAL.verdict(self.whole)])

    def as_json(self) -> Mapping[str, object]:
        """The figures behind the ratio."""
        return {
            "patients": self.mass.patients,
            "reports": self.mass.reports,
            "gigabytes": round(self.gigabytes, 1),
            "filled_in_seconds": round(self.seconds),
            "ratio": self.whole.as_json(),
            "steps": {
                step: {
                    "ratio": self.ratio(step).as_json(),
                    "empty_microseconds": Spread(tuple(_times(self.empty, step))).as_json(),
                    "full_microseconds": Spread(tuple(_times(self.full, step))).as_json(),
                }
                for step in STEPS
            },
        }

    def headlines(self) -> Mapping[str, float]:
        """The ratio."""
        return {GOAL.name: self.whole.median}


def _times(rounds: Sequence[Costs], step: str) -> list[float]:
    return [one.microseconds[step] for one in rounds]


def _median(rounds: Sequence[Costs], step: str) -> float:
    return Spread(tuple(_times(rounds, step))).median


def measure(ground: Ground) -> Growth:
    """Fill a database; then rounds in an empty and in the full one in turn, on one server.

    Raises `LoadError` if any statement reads a big table from end to end.
    """
    parts = ground.options.rounds + 2
    mass = Mass(ground.options.known, ground.options.reports)
    schedule = Schedule(PATIENTS * parts, ground.options.waiting)
    with _Postgres(debian_binaries(), fsync=True) as postgres:
        run_in(postgres.url)
        prepare = partial(_prepare, Backlog(schedule))
        empty, full = postgres.new_database(prepare), postgres.new_database(prepare)
        started = time.monotonic()
        mass.fill(full, str(STATUSES))
        seconds, gigabytes = time.monotonic() - started, size(full)
        progress(f"growth: {gigabytes:.1f} GB in {seconds:.0f} s")
        found = compared(ground.rabbitmq, (empty, full), schedule, parts - 1)
        explain(ground.rabbitmq, full, postgres.log, schedule.part(parts - 1, parts))
    return Growth(mass, gigabytes, seconds, *found)


def _prepare(backlog: Backlog, database: str) -> None:
    backlog.prepare(database)
    with contextlib.closing(Tables(database)) as tables:
        tables.calm()


def compared(
    rabbitmq: RabbitMQ, databases: tuple[str, str], schedule: Schedule, rounds: int
) -> tuple[list[Costs], list[Costs]]:
    """Rounds in both databases in turn, the first of them to warm up; each of other patients."""
    parts = schedule.patients // PATIENTS
    found: tuple[list[Costs], list[Costs]] = ([], [])
    for number in range(rounds):
        for database, into in zip(databases, found, strict=True):
            into.append(_round(rabbitmq, database, schedule.part(number, parts)))
        empty, full = (into[-1].whole for into in found)
        progress(f"growth: round {number}: {empty:.0f} and {full:.0f} µs ({full / empty:.2f})")
    return found[0][1:], found[1][1:]


def explain(rabbitmq: RabbitMQ, database: str, log: Path, schedule: Schedule) -> None:
    """Write down the plan of every statement of a round; raises `LoadError` for bad ones."""
    with watched(database, log) as plans:
        _round(rabbitmq, database, schedule)
    PLANS.parent.mkdir(exist_ok=True)
    PLANS.write_text(plans.shown() + "\n")
    progress(f"growth: {len(plans.statements)} plans in {PLANS}")
    if scans := plans.scans(TABLES):
        message = "statements that read a big table from end to end:\n" + "\n".join(scans)
        raise LoadError(message)


def _round(rabbitmq: RabbitMQ, database: str, schedule: Schedule) -> Costs:
    broker = rabbitmq.new_vhost()
    with contextlib.ExitStack() as stack:
        stack.callback(rabbitmq.delete_vhost, broker)
        return costs(database, broker, Backlog(schedule))
