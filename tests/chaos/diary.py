"""The patients' experience: answers, waits, and whatever was not as it must be."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from chaos.recovery import percentile


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that must not be: `what` of a closed set, `step` what the patient was at."""

    patient: int
    at: float
    what: str
    step: str
    wanted: str = ""
    got: str = ""

    def __str__(self) -> str:
        wanted = f" instead of {self.wanted}" if self.wanted else ""
        where = f"patient {self.patient} at {self.at:.0f} s, {self.step}"
        return f"{where}: {self.what} {self.got}{wanted}"


@dataclass(slots=True)
class Diary:
    """Kept by all patients together; it holds words of ours for what was said, no content."""

    sent: int = 0
    answered: int = 0
    filed: int = 0
    fetched: int = 0
    waits: list[float] = field(default_factory=list)
    patience: Counter[str] = field(default_factory=Counter)
    complaints: list[Complaint] = field(default_factory=list)
    waiting: dict[int, tuple[float, str]] = field(default_factory=dict)

    def longest_wait(self) -> str:
        """The longest wait at this moment: how long, which patient, and for what."""
        if not self.waiting:
            return "-"
        patient, (since, what) = min(self.waiting.items(), key=lambda item: item[1][0])
        return f"{time.monotonic() - since:.0f} s ({patient}: {what})"

    def count(self, what: str) -> int:
        """How many complaints are of this kind."""
        return sum(complaint.what == what for complaint in self.complaints)

    def shown(self) -> dict[str, Any]:
        """For the result."""
        waits = sorted(self.waits)
        return {
            "messages": self.sent,
            "answers": self.answered,
            "filed": self.filed,
            "fetched": self.fetched,
            "wait": {f"p{share}": percentile(waits, share / 100) for share in (50, 95, 99, 100)},
            "asked_for_patience": dict(self.patience),
            "complaints": [str(complaint) for complaint in self.complaints],
        }
