"""How long each test took, set-up and clearing up included, kept for the budget and for people."""

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
"""Seconds that unmarked tests may take."""


@dataclass(slots=True)
class Duration:
    """One test's."""

    seconds: float = 0.0
    long: bool = False


class Durations:
    """Those of one run, by the test's id."""

    def __init__(self) -> None:
        self._found: dict[str, Duration] = {}

    def note(self, report: pytest.TestReport) -> None:
        """Adds a phase of a test."""
        found = self._found.setdefault(report.nodeid, Duration())
        found.seconds += report.duration
        found.long = LONG in report.keywords

    def keep(self, file: Path = FILE) -> None:
        """Writes them into the file, beside those of other runs."""
        figures.add(file, {name: asdict(one) for name, one in self._found.items()})


def load(file: Path = FILE) -> dict[str, Duration]:
    """What runs kept."""
    return {name: Duration(**row) for name, row in figures.load(file).items()}


def over_budget(found: Mapping[str, Duration]) -> list[str]:
    """Each test and file that took too long, with its figure; those that are marked aside."""
    tests = {name: one.seconds for name, one in found.items() if not one.long}
    files: dict[str, float] = defaultdict(float)
    for name, seconds in tests.items():
        files[name.partition("::")[0]] += seconds
    over = {name: seconds for name, seconds in tests.items() if seconds > OF_A_TEST}
    over |= {name: seconds for name, seconds in files.items() if seconds > OF_A_FILE}
    return [f"{seconds:.1f} s: {name}" for name, seconds in sorted(over.items())]
