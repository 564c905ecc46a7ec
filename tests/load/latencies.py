"""Percentiles of rounds: how long until a POST was answered, and until what it was for was done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from load.rounds import Spread

SHARES = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Latencies:
    """Milliseconds by percentile (p50, p95, p99), from when a POST was due."""

    answered: Mapping[str, float]
    reached: Mapping[str, float]


def percentiles(seconds: Iterable[float]) -> Mapping[str, float]:
    """Milliseconds by percentile."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return {f"p{share}": ordered[min(last, len(ordered) * share // 100)] * 1000 for share in SHARES}


def spread(rounds: Sequence[Latencies], what: str, percentile: str) -> Spread:
    """One percentile over rounds."""
    return Spread(tuple(getattr(one, what)[percentile] for one in rounds))


def lines(rate: int, rounds: Sequence[Latencies], reached: str) -> list[str]:
    """Both in a line each."""
    return [
        f"{rate:>6,}/s  {_shown('answer 200', rounds, 'answered')}",
        f"{'':10}{_shown(reached, rounds, 'reached')}",
    ]


def _shown(title: str, rounds: Sequence[Latencies], what: str) -> str:
    shares = (f"p{share} {spread(rounds, what, f'p{share}').shown(1)}" for share in SHARES)
    return f"{title:<17} {'  '.join(shares)} ms"


def figures(rounds: Sequence[Latencies]) -> Mapping[str, object]:
    """All of it."""
    return {
        f"{what}_milliseconds": {
            f"p{share}": spread(rounds, what, f"p{share}").as_json() for share in SHARES
        }
        for what in ("answered", "reached")
    }
