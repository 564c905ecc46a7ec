"""The time, and whether dependencies answer."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, always with UTC as its zone."""

    def __call__(self) -> datetime:
        """Return the time now."""
        ...


class Check(Protocol):
    """A dependency that /ready asks after."""

    def __call__(self) -> None:
        """Return if the dependency answers, raise `Unavailable` if not; within one second."""
        ...
