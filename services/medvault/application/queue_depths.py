"""The queues' depths, for whoever scales workers by them."""

import threading
import time
from collections.abc import Callable, Mapping

from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction

MOST = 50_000
"""Rows of each kind that are counted: a hundred replicas have their hands full with fewer."""
FRESH_SECONDS = 5.0
"""How old an answer may be: whoever asks more often gets the same one."""


class QueueDepths:
    """Measures the depths when it is asked for them. Thread-safe; one measures for all who ask."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._measured: Mapping[str, object] = {}
        self._stale_at = float("-inf")

    def __call__(self) -> Mapping[str, object]:
        """Return `{"queues": {"inbound": {"waiting": 3, "in_work": 1, "depth": 4}, …}}`.

        Raises `Unavailable` where the database does not answer: an unknown depth is never 0.
        """
        with self._lock:
            if self._clock() >= self._stale_at:
                self._measured = self._measure()
                self._stale_at = self._clock() + FRESH_SECONDS
            return self._measured

    def _measure(self) -> Mapping[str, object]:
        with self._database.begin(Transaction.MEASURE_DEPTHS) as work:
            found = work.depths.measure(MOST)
        return {
            "queues": {
                str(queue): {**depth._asdict(), "depth": sum(depth)}
                for queue, depth in found.items()
            }
        }
