"""Circuit breakers: whether calls may be made, as the answers of those before tell."""

from enum import StrEnum

from medvault.domain.backoff import Backoff
from medvault.domain.outbound import Accepted, Answer, Reaction, Refused

IN_A_ROW = 3
WITHOUT_ANY = 1.0
"""Seconds without a good answer: many calls may fail, and as long as others don't, all go on."""
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
PROOF_LASTS = 10.0

_STOPPING = frozenset({Reaction.STOP_LINE, Reaction.NUMBER_RATE})
_FAILING = _STOPPING | {Reaction.RETRY, Reaction.UNREACHABLE, Reaction.UNKNOWN}


class BreakerState(StrEnum):
    """Calls are made, none is made, or one at a time until an answer says that it works."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class ChannelBreaker:
    """Opens when the channel fails, and probes at ever longer intervals until it works again.

    A probe is a call without an effect. Times are monotonic seconds.
    """

    def __init__(self) -> None:
        self.state = BreakerState.CLOSED
        self._failures = 0
        self._backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        self._probe_at = 0.0
        self._proven_at = float("-inf")
        self._doubted = False

    def heard(self, answer: Answer, now: float) -> None:
        """Take in what became of a message; while the breaker is open only probes count."""
        if self.state is BreakerState.OPEN:
            return
        if not _failed(answer):
            self.state = BreakerState.CLOSED
            self._failures = 0
            self._backoff.reset()
            self._proven_at = now
            return
        self._failures += 1
        at_once = not isinstance(answer, Accepted) and answer.reaction in _STOPPING
        failing = self._failures >= IN_A_ROW and now - self._proven_at >= WITHOUT_ANY
        if at_once or self.state is BreakerState.HALF_OPEN or failing:
            self._open(now)

    def probed(self, refused: Refused | None, now: float) -> None:
        """Take in the answer to a probe.

        Too many of them, in Meta's eyes, say nothing of messages: one of these is tried.
        """
        self._doubted = False
        if refused is not None and refused.reaction in _FAILING - {Reaction.NUMBER_RATE}:
            self._open(now)
            return
        self._proven_at = now
        if self.state is BreakerState.OPEN:
            self.state = BreakerState.HALF_OPEN

    def doubt(self) -> None:
        """Ask for a probe: a message is to be repeated, and only over a channel that works."""
        self._doubted = True

    def probe_in(self, now: float) -> float | None:
        """Return the seconds until a probe is due; None where messages may leave without one."""
        if self.state is BreakerState.OPEN:
            return max(0.0, self._probe_at - now)
        return 0.0 if self._doubted else None

    def proven(self, now: float) -> bool:
        """Whether the channel gave an answer just now that tells that it works."""
        return self.state is not BreakerState.OPEN and now - self._proven_at <= PROOF_LASTS

    def _open(self, now: float) -> None:
        self.state = BreakerState.OPEN
        self._probe_at = now + self._backoff.pause()


def _failed(answer: Answer) -> bool:
    return not isinstance(answer, Accepted) and answer.reaction in _FAILING
