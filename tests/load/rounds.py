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
        """The figure that is reported."""
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
    """A figure's goal: at least or, where `at_most`, at most `bound`."""

    name: str
    bound: float
    aim: float | None = None
    at_most: bool = False

    def verdict(self, found: Spread, unit: str = "") -> str:
        """Say whether the median reaches it."""
        sign = "<=" if self.at_most else ">="
        said = "reached" if self._reached(found, self.bound) else "MISSED"
        goal = f"goal {sign} {self.bound:g} {said}"
        if self.aim is not None:
            aimed = "reached" if self._reached(found, self.aim) else "missed"
            goal += f", aim {self.aim:g} {aimed}"
        return f"{self.name:<20} {found.shown(2)} {unit}  {goal}"

    def _reached(self, found: Spread, bound: float) -> bool:
        return found.median <= bound if self.at_most else found.median >= bound
