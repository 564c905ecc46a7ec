"""How long it took until all was well again after each fault."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chaos.nemesis import How


@dataclass(slots=True)
class Outage:
    """One fault as it happened; times are seconds, None where they never came.

    `began` is since the storm began. `down` is how long the component was dead or frozen. Then,
    counted from the moment it was started again or let go on: `ready` until it said so itself,
    `answered` until a patient who wrote after that moment was answered. `alone`: no other
    component was away at the same time.
    """

    component: str
    kind: str
    how: How
    began: float
    down: float
    ready: float | None = None
    answered: float | None = None
    alone: bool = True

    @property
    def recovery(self) -> float | None:
        """Seconds until both had come."""
        if self.ready is None or self.answered is None:
            return None
        return max(self.ready, self.answered)

    def shown(self) -> dict[str, Any]:
        """For the result."""
        rounded = {
            name: None if value is None else round(value, 2)
            for name, value in (
                ("began", self.began), ("down", self.down), ("ready", self.ready),
                ("answered", self.answered),
            )
        }  # fmt: skip
        return {"component": self.component, "how": str(self.how), "alone": self.alone} | rounded


def mark_overlapping(outages: Sequence[Outage]) -> None:
    """Tell those whose recovery another fault may have drawn out from those it did not."""
    for one in outages:
        ended = one.began + one.down + (one.recovery or math.inf)
        for other in outages:
            over = other.began + other.down + (other.ready or 0.0)
            if other is not one and other.began < ended and over > one.began:
                one.alone = False


def figures(outages: Iterable[Outage]) -> dict[str, dict[str, float | int | None]]:
    """Percentiles of the recovery by kind of component, and of all; also the worst of those alone.

    Times are seconds, None where there are none.
    """
    found: dict[str, dict[str, float | int | None]] = {}
    known = list(outages)
    for kind in [*sorted({outage.kind for outage in known}), "all"]:
        mine = [outage for outage in known if kind in (outage.kind, "all")]
        times = sorted(o.recovery for o in mine if o.recovery is not None)
        alone = sorted(o.recovery for o in mine if o.recovery is not None and o.alone)
        found[kind] = {
            "faults": len(mine),
            "p50": percentile(times, 0.5),
            "p95": percentile(times, 0.95),
            "max": percentile(times, 1.0),
            "alone": len(alone),
            "max alone": percentile(alone, 1.0),
        }
    return found


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` of the ordered ones do not exceed; None of nothing."""
    if not ordered:
        return None
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 2)
