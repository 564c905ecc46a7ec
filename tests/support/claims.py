"""Tests as claims: how each fared, how long it took and what it measured, kept in a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import figures

Claim = dict[str, Any]
NOT_HERE = "rendered, not run"
"""How a claim is marked that was worked out from objects, as this cluster can't show it."""


class Claims:
    """The claims of one run, by the name of their test without its folder."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._claims: dict[str, Claim] = {}

    def note(self, report: pytest.TestReport) -> None:
        """Take a phase of a test into its claim; a skipped one claims nothing."""
        if report.skipped:
            return
        claim = self._claim(report.nodeid)
        claim["seconds"] = round(claim.get("seconds", 0.0) + report.duration, 1)
        claim["passed"] = claim.get("passed", True) and not report.failed

    def measure(self, nodeid: str, figures: dict[str, Any]) -> None:
        """Keep what a test measured."""
        if figures:
            self._claim(nodeid)["figures"] = figures

    def keep(self) -> None:
        """Write the claims into the file, those of earlier runs kept."""
        figures.add(self._file, self._claims)

    def table(self) -> Iterator[str]:
        """A line for each claim in the file: whether it holds, its seconds, its figures."""
        for name, claim in figures.load(self._file).items():
            test = name.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            held = "holds" if claim["passed"] else "FAILS"
            yield f"{held}  {claim['seconds']:7.1f} s  {test}"
            yield from (f"{'':19}{what}: {value}" for what, value in self._figures(claim))

    def _figures(self, claim: Claim) -> Iterator[tuple[str, Any]]:
        return ((what.replace("_", " "), value) for what, value in claim.get("figures", {}).items())

    def _claim(self, nodeid: str) -> Claim:
        return self._claims.setdefault(nodeid.rpartition("/")[2], {"seconds": 0.0, "passed": True})
