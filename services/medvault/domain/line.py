"""The line to the channel: whether messages may leave, as the channel's answers tell."""

from enum import StrEnum

from medvault.domain.outbound import Accepted, Answer, Reaction, Refused

IN_A_ROW = 3
WITHOUT_ANY = 1.0
"""Seconds without a good answer: many calls may fail, and as long as others don't, all go on."""
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
PROOF_LASTS = 10.0

_STOPPING = frozenset({Reaction.STOP_LINE, Reaction.NUMBER_RATE})
_FAILING = _STOPPING | {Reaction.RETRY, Reaction.UNREACHABLE, Reaction.UNKNOWN}


class LineState(StrEnum):
    """Messages leave, none leaves, or one at a time until an answer says that it works."""

    OPEN = "open"
    STOPPED = "stopped"
    ON_TRIAL = "on_trial"


class Line:
    """Stops when the channel fails, and knocks at ever longer intervals until it works again.

    A knock is a call without an effect. Times are monotonic seconds.
    """

    def __init__(self) -> None:
        self.state = LineState.OPEN
        self._failures = 0
        self._stops = 0
        self._knock_at = 0.0
        self._proven_at = float("-inf")
        self._doubted = False

    def heard(self, answer: Answer, now: float) -> None:
        """Take in what became of a message; while the line is stopped only knocks count."""
        if self.state is LineState.STOPPED:
            return
        if not _failed(answer):
            self.state = LineState.OPEN
            self._failures = self._stops = 0
            self._proven_at = now
            return
        self._failures += 1
        at_once = not isinstance(answer, Accepted) and answer.reaction in _STOPPING
        failing = self._failures >= IN_A_ROW and now - self._proven_at >= WITHOUT_ANY
        if at_once or self.state is LineState.ON_TRIAL or failing:
            self._stop(now)

    def knocked(self, refused: Refused | None, now: float) -> None:
        """Take in the answer to a knock.

        Too many of them, in Meta's eyes, say nothing of messages: one of these is tried.
        """
        self._doubted = False
        if refused is not None and refused.reaction in _FAILING - {Reaction.NUMBER_RATE}:
            self._stop(now)
            return
        self._proven_at = now
        if self.state is LineState.STOPPED:
            self.state = LineState.ON_TRIAL

    def doubt(self) -> None:
        """Ask for a knock: something is to be repeated, and may be only on a line that works."""
        self._doubted = True

    def knock_in(self, now: float) -> float | None:
        """Return the seconds until a knock is due; None where messages may leave without one."""
        if self.state is LineState.STOPPED:
            return max(0.0, self._knock_at - now)
        return 0.0 if self._doubted else None

    def proven(self, now: float) -> bool:
        """Whether the channel gave an answer just now that tells that it works."""
        return self.state is not LineState.STOPPED and now - self._proven_at <= PROOF_LASTS

    def _stop(self, now: float) -> None:
        self.state = LineState.STOPPED
        self._knock_at = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._stops)
        self._stops += 1


def _failed(answer: Answer) -> bool:
    return not isinstance(answer, Accepted) and answer.reaction in _FAILING
