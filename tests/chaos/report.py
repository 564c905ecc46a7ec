"""The result of a run: one table to read, one file to compare."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from chaos.checker.findings import Findings
from chaos.checker.vault import read_tables
from chaos.deployment import Deployment
from chaos.nemesis import How
from chaos.plan import Plan
from chaos.recovery import figures
from chaos.storm import Weathered

BUILD = Path("build")
RESULT, EMBEDDED_RESULT = BUILD / "chaos.json", BUILD / "chaos-embedded.json"
EVIDENCE = BUILD / "chaos"


@dataclass(frozen=True, slots=True)
class Report:
    """A run's plan, what the harness saw, and what the checker found."""

    plan: Plan
    weathered: Weathered
    findings: Findings

    @property
    def violations(self) -> list[str]:
        """All that must never happen, the checker's first."""
        return [*self.findings.violations, *self.seen]

    @property
    def seen(self) -> list[str]:
        """Events that the patients and the harness saw and that must never happen."""
        left = self.weathered
        return [
            *(str(complaint) for complaint in left.diary.complaints),
            *(f"{name} did not come back by itself" for name in left.never_back),
            *_told_unfinished(left),
        ]

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        left = self.weathered
        return {
            **self.findings.as_json(),
            "violations": self.violations,
            "kills": sum(outage.how is How.KILL for outage in left.outages),
            "freezes": sum(outage.how is How.FREEZE for outage in left.outages),
            "wrong_bytes": left.diary.count("wrong bytes"),
            "seed": self.plan.seed,
            "minutes": round(left.seconds / 60, 2),
            "command": self.plan.command,
            "interrupted": left.interrupted,
            "recovery": figures(left.outages),
            "patients": {"count": self.plan.patients, **left.diary.shown()},
            "probes": left.probes,
            "ended_by_themselves": dict(Counter(left.ended_by_themselves)),
            "crashes_at_start": left.crashes_at_start,
            "faults": [outage.shown() for outage in left.outages],
        }

    def lines(self) -> Iterator[str]:
        """The table."""
        found = self.as_json()
        yield self.findings.table()
        yield from (f"VIOLATION: {sentence}" for sentence in self.seen)
        yield ""
        struck = f"{found['kills']} kills, {found['freezes']} freezes"
        yield f"{struck}, {found['wrong_bytes']} files came back with wrong bytes."
        yield "Seconds from the end of a fault until it is ready and a patient is answered:"
        yield from _recovery_table(found["recovery"])
        patients = found["patients"]
        yield ""
        yield f"Patients: {patients['count']}, seconds they waited {patients['wait']}"
        yield f"Asked for patience: {patients['asked_for_patience']}"
        if found["ended_by_themselves"]:
            yield f"Ended by themselves: {found['ended_by_themselves']}"
        if found["crashes_at_start"]:
            yield f"Ended at a start, and were started again: {found['crashes_at_start']}"


def keep(report: Report) -> None:
    """Write build/chaos.json, or build/chaos-embedded.json."""
    BUILD.mkdir(exist_ok=True)
    path = EMBEDDED_RESULT if report.plan.embedded else RESULT
    path.write_text(json.dumps(report.as_json(), indent=2) + "\n")


def keep_evidence(deployment: Deployment, say: Callable[[str], None]) -> None:
    """Write the logs, and the rows as the checker saw them: ids, times and states, no content."""
    shutil.rmtree(EVIDENCE, ignore_errors=True)
    EVIDENCE.mkdir(parents=True)
    for name, log in deployment.logs():
        (EVIDENCE / f"{name}.log").write_text(log)
    tables = read_tables(deployment.sources().database_url)
    for table in fields(tables):
        rows = getattr(tables, table.name)
        (EVIDENCE / f"{table.name}.rows").write_text("".join(f"{row}\n" for row in rows))
    say(f"Logs and rows are in {EVIDENCE}/.")


def _recovery_table(rows: Mapping[str, Mapping[str, float | int | None]]) -> Iterator[str]:
    columns = ("faults", "p50", "p95", "max", "alone", "max alone")
    yield f"{'':<10}" + "".join(f"{name:>12}" for name in columns)
    for kind, row in rows.items():
        yield f"{kind:<10}" + "".join(f"{_figure(row[name]):>12}" for name in columns)


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _told_unfinished(left: Weathered) -> Iterator[str]:
    for what, count in Counter(left.left_unfinished).items():
        yield f"{count} of {what} were still under way at the end"
