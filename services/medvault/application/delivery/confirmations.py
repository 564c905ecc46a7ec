"""Confirmations: conclusions from the statuses of all messages about those that have none."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from medvault.domain import confirmation
from medvault.ports.outbox import Outbox

_EVERY = 1.0


class Confirmations:
    """Has what never arrived be repeated; PostgreSQL holds what is known, for all processes."""

    def __init__(
        self, unheard_after: timedelta, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._unheard_after = unheard_after
        self._clock = clock
        self._look_at = float("-inf")
        self.waits: Sequence[timedelta] = confirmation.waits(unheard_after, None)

    def look(self, outbox: Outbox) -> None:
        """Learn how late statuses come, and hasten what they show to be lost; once a second."""
        if self._clock() < self._look_at:
            return
        told = outbox.told()
        usual = confirmation.lateness(told)
        self.waits = confirmation.waits(self._unheard_after, usual)
        if usual is not None:
            sent_before = confirmation.never_arrived(told, outbox.unheard(usual.late))
            if sent_before is not None:
                outbox.hasten(sent_before, confirmation.pauses())
        self._look_at = self._clock() + _EVERY
