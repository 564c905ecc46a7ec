"""Figures of interleaved rounds, their spread, and the goals they are held against."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

STARTED = time.monotonic()


def progress(text: str) -> None:
    """Say on stderr how far it is."""
    sys.stderr.write(f"[{time.monotonic() - STARTED:4.0f} s] {text}\n")
    sys.stderr.flush()


@dataclass(frozen=True, slots=True)
class Spread:
    """The same figure of several rounds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """What is reported."""
        return median(self.rounds)

    def shown(self, digits: int = 0) -> str:
        """Median, and least and most where there are several."""
        least, most = min(self.rounds), max(self.rounds)
        return f"{self.median:9,.{digits}f}   ({least:,.{digits}f} to {most:,.{digits}f})"

    def as_json(self) -> dict[str, object]:
        """All of it."""
        return {
            "median": round(self.median, 3),
            "min": round(min(self.rounds), 3),
            "max": round(max(self.rounds), 3),
            "rounds": [round(figure, 3) for figure in self.rounds],
        }


def ratios(figures: Sequence[float], references: Sequence[float]) -> Spread:
    """Each round's figure beside its reference."""
    pairs = zip(figures, references, strict=True)
    return Spread(tuple(figure / reference for figure, reference in pairs))


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio should reach."""

    name: str
    least: float
    aim: float | None = None

    def verdict(self, ratio: Spread) -> str:
        """Say whether the median reaches it."""
        said = "reached" if ratio.median >= self.least else "MISSED"
        goal = f"goal {self.least:.2f} {said}"
        if self.aim is not None:
            goal += f", aim {self.aim:.2f} {'reached' if ratio.median >= self.aim else 'missed'}"
        return f"{self.name:<17} {ratio.shown(2)}   {goal}"
