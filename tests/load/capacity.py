"""Capacity: messages a second through everything, from Meta's POST to Meta's taking the reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from load.latencies import percentiles
from load.measurement import Ground
from load.rounds import progress
from load.whole import Told, Whole, whole
from load.wrk import LoadError

PEOPLE = 10_000
GOAL = 500
RATES = (GOAL, 1000)
SECONDS = 20.0
WITHIN = 1.0
"""Seconds in which 95 % of the replies must be accepted."""
_INTRODUCTION = 600
"""Messages a second while everybody is new."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in milliseconds."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Times":
        """Sum up what was measured."""
        return cls(**percentiles(seconds))

    def shown(self) -> str:
        """All of it."""
        return f"p50 {self.p50:,.0f} ms, p95 {self.p95:,.0f} ms, p99 {self.p99:,.0f} ms"

    def as_json(self) -> Mapping[str, float]:
        """The same as figures."""
        return {name: round(getattr(self, name), 1) for name in ("p50", "p95", "p99")}


@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of messages that came at a rate."""

    rate: int
    messages: int
    replied: int
    reached: float
    """Replies a second, from the first message to the last reply."""
    answered: Times
    """From a POST to its 200."""
    accepted: Times
    """From a message's POST to Meta's taking its reply."""
    late: Times
    """From the instant at which a message should have been posted to the same."""
    cores: Mapping[str, float]

    @property
    def sustained(self) -> bool:
        """Whether all replies came, in time."""
        return self.replied == self.messages and self.late.p95 <= WITHIN * 1e3

    def report(self) -> str:
        """The lines to print."""
        cores = ", ".join(f"{name} {share:.2f}" for name, share in self.cores.items())
        kept = "" if self.sustained else "   NOT SUSTAINED"
        replied = f"{self.replied:,} of {self.messages:,} replied to, {self.reached:,.0f}/s{kept}"
        return "\n".join(
            [
                f"{self.rate:,}/s in and as many out: {replied}",
                f"  POST to 200             {self.answered.shown()}",
                f"  POST to reply accepted  {self.accepted.shown()}",
                f"  due to reply accepted   {self.late.shown()}",
                f"  cores: {cores}; together {sum(self.cores.values()):.2f}",
            ]
        )

    def as_json(self) -> Mapping[str, object]:
        """The figures."""
        return {
            "messages": self.messages,
            "replied": self.replied,
            "replies_per_second": round(self.reached),
            "post_to_200_ms": self.answered.as_json(),
            "post_to_reply_ms": self.accepted.as_json(),
            "due_to_reply_ms": self.late.as_json(),
            "cores": {name: round(share, 2) for name, share in self.cores.items()},
        }


@dataclass(frozen=True, slots=True)
class Capacity:
    """The runs that were measured."""

    runs: Sequence[Run]

    def report(self) -> str:
        """The lines to print."""
        first = self.runs[0]
        said = "reached" if first.sustained else "MISSED"
        return "\n".join(
            [
                f"Everything on two cores: {PEOPLE:,} people, three statuses for each reply",
                *(run.report() for run in self.runs),
                f"pipeline_p95_ms   {first.accepted.p95:9,.0f}   goal 1,000 at {GOAL}/s {said}",
            ]
        )

    def as_json(self) -> Mapping[str, object]:
        """The figures of every rate."""
        return {str(run.rate): run.as_json() for run in self.runs}

    def headlines(self) -> Mapping[str, float]:
        """The highest rate that was kept up, and how long replies took at the first."""
        kept = [run.rate for run in self.runs if run.sustained]
        return {
            "pipeline_per_second": max(kept, default=min(run.reached for run in self.runs)),
            "pipeline_p95_ms": self.runs[0].accepted.p95,
        }


def measure(ground: Ground) -> Capacity:
    """Introduce everybody, then raise the rate."""
    with whole(ground, PEOPLE) as everything:
        progress(f"capacity: {PEOPLE:,} people write for the first time")
        everything.meta.write(_INTRODUCTION, PEOPLE / _INTRODUCTION)
        return Capacity([_run(everything, rate) for rate in RATES])


def _run(everything: Whole, rate: int) -> Run:
    before = everything.cpu()
    told = everything.meta.write(rate, SECONDS)
    after = everything.cpu()
    run = _found(rate, told, {name: after[name] - before[name] for name in before})
    progress(f"capacity: {rate:,}/s: {run.accepted.shown()}")
    return run


def _found(rate: int, told: Sequence[Told], cpu: Mapping[str, float]) -> Run:
    replied = [one for one in told if one["replied"] is not None and one["answered"] is not None]
    if len(replied) < 2:
        message = "nobody was answered"
        raise LoadError(message)
    first = min(_at(one, "due") for one in told)
    span = max(_at(one, "replied") for one in replied) - first
    return Run(
        rate=rate,
        messages=len(told),
        replied=len(replied),
        reached=len(replied) / span,
        answered=Times.of([_at(one, "answered") - _at(one, "posted") for one in replied]),
        accepted=Times.of([_at(one, "replied") - _at(one, "posted") for one in replied]),
        late=Times.of([_at(one, "replied") - _at(one, "due") for one in replied]),
        cores={name: seconds / span for name, seconds in cpu.items()},
    )


def _at(one: Told, what: str) -> float:
    at = one[what]
    assert at is not None
    return at
