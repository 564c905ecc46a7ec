"""The replies that Meta took, and how long each waited for that."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from support.stack.fleet import Fleet

_WRITTEN = """
SELECT id::text, extract(epoch FROM created_at)::float8, attempts FROM outbox WHERE state <> 55
"""


@dataclass(slots=True)
class Arrivals:
    """Replies by our reference, from the ledger, of which only news are read."""

    fleet: Fleet
    taken: Counter[str] = field(default_factory=Counter)
    first: dict[str, float] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)
    _seq: int = 0

    def look(self) -> "Arrivals":
        """Read what Meta took since the last look."""
        news = self.fleet.meta.control("GET", f"/ledger?since={self._seq}")
        self._seq = news["seq"]
        for send in news["sends"]:
            self._take(send)
        return self

    def _take(self, send: dict[str, Any]) -> None:
        reference = send["biz_opaque_callback_data"]
        if reference is None:
            return
        if not send["answered"]:
            self.unanswered.add(reference)
        if send["wamid"] not in self._seen:
            self._seen.add(send["wamid"])
            self.taken[reference] += 1
            self.first[reference] = min(send["at"], self.first.get(reference, math.inf))

    @property
    def doubled(self) -> int:
        """Replies that Meta took more than once."""
        return sum(count - 1 for count in self.taken.values())

    def waits(self) -> tuple[list[float], list[float]]:
        """Seconds that all replies waited, and of these those that met an unclear answer."""
        every, unclear = [], []
        for id, written, attempts in self.fleet.vault.tables.rows(_WRITTEN):
            if id in self.first:
                wait = self.first[id] - written
                every.append(wait)
                if attempts > 1 or id in self.unanswered:
                    unclear.append(wait)
        return every, unclear


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies."""
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 1)
