"""Tests as claims: how each fared, how long it took and what it measured, kept in a file."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import commits, figures

Claim = dict[str, Any]
NOT_HERE = "rendered, not run"
"""How a claim is marked that was worked out from objects, as this cluster can't show it."""
WORD = "claim"
"""The mark of a test whose claim begins with a word, and that word's name among its properties."""


class Claims:
    """The claims of one run, by their words: `zone: ...`, else the name of a test.

    Each is of a commit, and of a time in seconds since 1970.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._claims: dict[str, Claim] = {}

    def note(self, report: pytest.TestReport) -> None:
        """Take a phase of a test into its claim; a skipped one claims nothing."""
        if report.skipped:
            return
        claim = self._claim(report)
        claim["seconds"] = round(claim.get("seconds", 0.0) + report.duration, 1)
        claim["passed"] = claim.get("passed", True) and not report.failed

    def measure(self, test: pytest.Item, figures: dict[str, Any]) -> None:
        """Keep what a test measured."""
        if figures:
            self._claim(test)["figures"] = figures

    def keep(self) -> None:
        """Write the claims into the file, those of earlier runs kept."""
        figures.add(self._file, self._claims)

    def table(self) -> Iterator[str]:
        """A line for each claim in the file: whether it holds, its seconds, its figures."""
        for name, claim in figures.load(self._file).items():
            yield f"{_standing(claim)}  {claim['seconds']:7.1f} s  {_said(name)}"
            yield from (f"{'':19}{what}: {value}" for what, value in self._figures(claim))

    def _figures(self, claim: Claim) -> Iterator[tuple[str, Any]]:
        return ((what.replace("_", " "), value) for what, value in claim.get("figures", {}).items())

    def _claim(self, test: pytest.Item | pytest.TestReport) -> Claim:
        word = str(dict(test.user_properties).get(WORD, ""))
        place = test.nodeid.rpartition("/")[2]
        name = f"{word}: {_said(place)}" if word else place
        fresh = {"seconds": 0.0, "passed": True, "commit": commits.head(), "at": time.time()}
        return self._claims.setdefault(name, fresh)


def note_words(items: list[pytest.Item]) -> None:
    """Keep the words by which claims are told apart where reports show them."""
    for item in items:
        if mark := item.get_closest_marker(WORD):
            item.user_properties.append((WORD, mark.args[0]))


def _said(name: str) -> str:
    return name.rpartition("::")[2].removeprefix("test_").replace("_", " ")


def _standing(claim: Claim) -> str:
    if commits.differs(claim.get("commit", "")):
        return "STALE"
    return "holds" if claim["passed"] else "FAILS"
