"""How long each test took, set-up and clearing up included, kept for the budget and for people."""

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from support import figures

FILE = Path("build/durations.json")
LONG = "long"
"""The mark of a test that may take its time."""
OF_A_FILE, OF_A_TEST = 60.0, 20.0
"""Seconds that unmarked tests may take where a process has a core for itself."""
BUSIEST = 3.0
"""How many times as long they may take where processes share a core."""


@dataclass(slots=True)
class Duration:
    """One test's; `busy` is how many processes there were for each core, between 1 and BUSIEST."""

    seconds: float = 0.0
    long: bool = False
    busy: float = 1.0

    @property
    def undisturbed(self) -> float:
        """The seconds that it takes of its budget."""
        return self.seconds / self.busy


class Durations:
    """Those of one run, by the test's id."""

    def __init__(self) -> None:
        self.found: dict[str, Duration] = {}

    def note(self, report: pytest.TestReport) -> None:
        """Adds a phase of a test."""
        found = self.found.setdefault(report.nodeid, Duration())
        found.seconds = round(found.seconds + report.duration, 3)
        found.long = LONG in report.keywords
        found.busy = max(found.busy, _busy())

    def keep(self, file: Path = FILE) -> None:
        """Writes them into the file, beside those of other runs."""
        figures.add(file, {name: asdict(one) for name, one in self.found.items()})


def load(file: Path = FILE) -> dict[str, Duration]:
    """The durations that runs kept."""
    return {name: Duration(**row) for name, row in figures.load(file).items()}


def over_budget(found: Mapping[str, Duration]) -> list[str]:
    """Each test and file that took too long, with its figure; those that are marked aside."""
    tests = {name: one for name, one in found.items() if not one.long}
    files: dict[str, list[Duration]] = defaultdict(list)
    for name, one in tests.items():
        files[name.partition("::")[0]].append(one)
    return [
        f"{sum(one.seconds for one in took):.1f} s: {name}"
        for budget, named in (
            (OF_A_TEST, {name: [one] for name, one in tests.items()}),
            (OF_A_FILE, files),
        )
        for name, took in sorted(named.items())
        if sum(one.undisturbed for one in took) > budget
    ]


def _busy() -> float:
    per_core = os.getloadavg()[0] / (os.cpu_count() or 1)  # both are of the whole machine
    return round(min(max(per_core, 1.0), BUSIEST), 2)
