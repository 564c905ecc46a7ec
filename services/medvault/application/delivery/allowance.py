"""The allowance: how much one process may send now, by the rates that all of them share."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from medvault.domain.identifiers import LaneId, LetterId
from medvault.domain.outbound import Typing
from medvault.ports import Bucket, RateLimiter
from medvault.ports.outbox import Leased

GATHER = 0.05
_MARGIN = 1
"""Messages of a pair's burst that are left to Meta, whose clock meets ours late by what the network
takes, and not always equally late."""
_UNLIMITED = 1e6


@dataclass(frozen=True, slots=True)
class Rates:
    """The number's tier in messages a second, and the pair rate that Meta grants (Rates)."""

    messages_per_second: float = 80.0
    pair_seconds: float = 6.0
    pair_burst: int = 45


class Allowance:
    """Draws on the buckets of the number and of each recipient.

    While more is due than the number may send, its tokens are taken before anything is leased, so
    that nothing is leased in vain; `GATHER` seconds pass between two looks into an empty bucket.
    """

    def __init__(
        self, limiter: RateLimiter, rates: Rates, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limiter = limiter
        self._rates = rates
        self._clock = clock
        self._burst = max(1, int(rates.messages_per_second / 4))
        self._scarce = False
        self._tokens = 0
        self._look_at = 0.0

    def room(self, most: int) -> tuple[int, float]:
        """Return how many messages may be leased, and where none may, the seconds until then."""
        if not self._scarce:
            return most, 0.0
        pause = self._look_at - self._clock()
        missing = min(most, self._burst) - self._tokens
        if missing > 0 and pause <= 0:
            waits = self._from_number(missing)
            self._tokens += sum(wait <= 0 for wait in waits)
            pause = max(GATHER, *waits) if any(waits) else 0.0
            self._look_at = self._clock() + pause
        return min(most, self._tokens), pause

    def suffices(self) -> None:
        """Nothing more is due than was leased."""
        self._scarce = False
        self._tokens = 0

    def waits(self, leased: Sequence[Leased]) -> dict[LetterId, float]:
        """Return how long each message waits for the rates; the typing signal is no message."""
        counted = [one for one in leased if not isinstance(one.outgoing.content, Typing)]
        if not counted:
            return {}
        by_pair = self._limiter.take([self._pair(one.subject) for one in counted])
        free = [one for one, wait in zip(counted, by_pair, strict=True) if wait <= 0]
        held = min(self._tokens, len(free))
        self._tokens -= held
        by_number = [*[0.0] * held, *self._from_number(len(free) - held)]
        self._scarce = self._scarce or any(wait > 0 for wait in by_number)
        waits = zip([*counted, *free], [*by_pair, *by_number], strict=True)
        return {one.outgoing.reference: wait for one, wait in waits}

    def _from_number(self, count: int) -> Sequence[float]:
        number = Bucket("number", self._rates.messages_per_second, self._burst)
        return self._limiter.take([number] * count)

    def _pair(self, subject: LaneId) -> Bucket:
        rate = 1 / self._rates.pair_seconds if self._rates.pair_seconds else _UNLIMITED
        return Bucket(f"pair:{subject.hex}", rate, max(1, self._rates.pair_burst - _MARGIN))
