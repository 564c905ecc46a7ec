"""Meta's two rate limits, each as a generic cell rate algorithm (ITU-T I.371)."""

_PRUNE_ABOVE = 50_000


class CellRate:
    """At most one cell per `interval` seconds and key, `burst` of them at once.

    A burst is borrowed from the future: after it the key waits until it is paid back. An
    interval or burst of 0 admits everything. Keys that owe nothing are forgotten.
    """

    def __init__(self, interval: float, burst: int) -> None:
        self._interval = interval
        self._allowance = interval * burst
        self._arrivals: dict[str, float] = {}
        self._prune_above = _PRUNE_ABOVE

    def admit(self, key: str, now: float) -> bool:
        """Whether one more cell fits at `now` (seconds); it is counted if so."""
        if not self._allowance:
            return True
        arrival = self._arrivals.get(key, now)
        arrival = (max(now, arrival)) + self._interval
        if arrival - now > self._allowance + 1e-6:
            return False
        self._arrivals[key] = arrival
        if len(self._arrivals) > self._prune_above:
            self._arrivals = {k: at for k, at in self._arrivals.items() if at > now}
            self._prune_above = max(_PRUNE_ABOVE, 2 * len(self._arrivals))
        return True


def per_second(rate: int) -> CellRate:
    """The throughput tier of a number: `rate` messages a second, a second's worth at once."""
    return CellRate(1 / rate if rate else 0.0, rate)
