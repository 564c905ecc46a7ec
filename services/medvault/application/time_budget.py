"""A transaction's time: deciding on many updates ends before the database loses its patience."""

import time
from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from medvault.domain.errors import Transient
from medvault.domain.updates import PendingUpdate

Given = TypeVarTuple("Given")
Result = TypeVar("Result")

BUDGET = 2.0
"""Seconds of deciding, after which what is decided is committed and the rest waits its budget.

PostgreSQL ends a session that is silent within a transaction for ten.
"""

HEAVY = 1.0
"""Seconds of computing that no update costs by right: two hundred times what any text may."""

LOOK = 0.05
"""Seconds after which it is looked up how much of them was computing: a call for each is dear."""


class TimeBudget:
    """Tells when a transaction's time is over, and which update used it up.

    Time is over by the clock, since the database goes by it. Computing alone tells which update is
    to blame: one that was in hand while the machine stood still has done nothing.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        computed: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock = clock
        self._computed = computed
        self._deciding = 0.0
        self._not_looked_at = 0.0
        self._computed_before = computed()
        self._costs: defaultdict[int, float] = defaultdict(float)

    def spend(
        self, update: PendingUpdate, work: Callable[[*Given], Result], *given: *Given
    ) -> Result:
        """Do a part of the work on an update."""
        began = self._clock()
        try:
            return work(*given)
        finally:
            took = self._clock() - began
            self._deciding += took
            self._not_looked_at += took
            if self._not_looked_at >= LOOK:
                self._charge(update.seq, took)

    def _charge(self, seq: int, took: float) -> None:
        """Charge what was computed since the last look, of which others had next to nothing."""
        computed = self._computed()
        self._costs[seq] += min(took, computed - self._computed_before)
        self._computed_before, self._not_looked_at = computed, 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more is to begin; how long the database took is its own affair."""
        return self._deciding >= BUDGET

    @property
    def half_over(self) -> bool:
        """Whether nothing more is to be read, so that time is left to decide on what was."""
        return self._deciding >= BUDGET / 2

    @property
    def culprit(self) -> int | None:
        """The place of the update that used the time up, if one did."""
        seq = max(self._costs, key=self._costs.__getitem__, default=None)
        return seq if seq is not None and self._costs[seq] >= HEAVY else None


class Overrun(Transient):
    """The database ended a session while an update was computed on; `seq` is its place."""

    def __init__(self, seq: int) -> None:
        super().__init__("an update took longer than the database waits")
        self.seq = seq
