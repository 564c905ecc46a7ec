"""Token buckets of a single process, by the generic cell rate algorithm (ITU-T I.371)."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from typing_extensions import override

from medvault.ports import Bucket, RateLimiter


class LocalRateLimiter(RateLimiter):
    """Fulfils `RateLimiter` in memory. Thread-safe.

    Beyond `size` keys the one that was taken from longest ago is forgotten, its bucket full.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, size: int = 100_000) -> None:
        self._clock = clock
        self._size = size
        self._lock = threading.Lock()
        self._full_at: OrderedDict[str, float] = OrderedDict()

    @override
    def take(self, buckets: Sequence[Bucket]) -> Sequence[float]:
        with self._lock:
            now = self._clock()
            waits = [self._take(bucket, now) for bucket in buckets]
            while len(self._full_at) > self._size:
                self._full_at.popitem(last=False)
        return waits

    def _take(self, bucket: Bucket, now: float) -> float:
        interval = 1 / bucket.rate
        empty_at = now + interval * bucket.burst
        full_at = min(max(self._full_at.get(bucket.key, now), now), empty_at) + interval
        # A nanosecond's tolerance for sums of fractions.
        if full_at > empty_at + 1e-9:
            return full_at - empty_at
        self._full_at[bucket.key] = full_at
        self._full_at.move_to_end(bucket.key)
        return 0.0
