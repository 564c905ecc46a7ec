"""Back-off: the pauses between attempts, ever longer while they fail."""


class Backoff:
    """Pauses in seconds: `first`, then twice the one before each, up to `longest`."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def pause(self) -> float:
        """Return the pause after a try that failed."""
        pause = self._next
        self._next = min(self._longest, 2 * pause)
        return pause

    def reset(self) -> None:
        """Begin again, after a try that succeeded."""
        self._next = self._first
