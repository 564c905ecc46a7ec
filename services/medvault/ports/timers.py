"""Timers: a conversation is told when a time has come that it set."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import LaneId, PersonId


class Timer(NamedTuple):
    """A timer of a patient's conversation, and when it rings."""

    patient_id: PersonId
    name: TimerName
    rings_at: datetime


class Timers(Protocol):
    """The timers of all conversations."""

    def set(self, timers: Sequence[Timer]) -> None:
        """Set timers, each patient's at most once a name; one that is set already moves."""
        ...

    def ring(self, limit: int) -> Sequence[LaneId]:
        """Tell conversations of timers that are due, and end these; returns whom to wake."""
        ...
