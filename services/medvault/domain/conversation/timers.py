"""Timers of a conversation: the session's end is one that moves with every message.

A timer is written where it rings too late, or not at all. One that rings too early finds out that
its time has moved, and is set again: a patient who writes often costs no timer a message.
"""

from datetime import datetime
from enum import StrEnum


class TimerName(StrEnum):
    """The purpose of a timer; a conversation has one of each name."""

    SESSION = "session"


def is_late(rings_at: datetime | None, wanted_at: datetime, now: datetime) -> bool:
    """Whether a timer that is set, if it is, comes too late for what it is wanted for.

    One whose time has passed is lost, or on its way with nothing to say.
    """
    return rings_at is None or rings_at > wanted_at or rings_at <= now
