"""The session cache and the rate limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from medvault.domain.identifiers import PersonId


@dataclass(frozen=True, slots=True)
class CachedSession:
    """A conversation as the cache keeps it: sealed, with the version that the database gave it."""

    version: int
    sealed: bytes


class SessionCache(Protocol):
    """Sessions by patient for 30 minutes. Losing it costs speed only: no method ever raises."""

    def store(self, sessions: Mapping[PersonId, CachedSession]) -> None:
        """Write sessions through; an older version never replaces a newer one."""
        ...

    def fetch(self, patients: Sequence[PersonId]) -> Mapping[PersonId, CachedSession]:
        """Return those that are there."""
        ...


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket: `rate` tokens a second come in, at most `burst` wait in it."""

    key: str
    rate: float
    burst: int


class RateLimiter(Protocol):
    """Token buckets that all processes share, or those of one process while they can't."""

    def take(self, buckets: Sequence[Bucket]) -> Sequence[float]:
        """Take a token of each bucket; return 0.0 if granted, else the seconds to wait.

        A key may occur several times.
        """
        ...
