"""The time, and whether dependencies answer."""

from datetime import datetime, tzinfo
from typing import Protocol

from medvault.domain.identity import Contact


class Clock(Protocol):
    """Tells the time, always with UTC as its zone."""

    def __call__(self) -> datetime:
        """Return the time now."""
        ...


class Zones(Protocol):
    """Tells in which time zones somebody may live."""

    def __call__(self, contact: Contact) -> tuple[tzinfo, ...]:
        """Return the zones, the same for each country; none where nothing tells."""
        ...


class Check(Protocol):
    """A dependency that /ready asks after."""

    def __call__(self) -> None:
        """Return if the dependency answers, raise `Unavailable` if not; within one second."""
        ...
