"""The tally: how much patients wrote lately that their states do not know of yet."""

import time
from collections.abc import Callable
from typing import NamedTuple

from medvault.domain.identifiers import PersonId
from medvault.domain.quotas import TOLD

KEPT = 60.0
"""Seconds after which counting begins again."""
MOST = 50_000
"""Patients who are counted at once, in some ten megabytes."""


class Count(NamedTuple):
    """Messages, and the replies that they made."""

    messages: int = 0
    replies: int = 0


class Tally:
    """Counts in memory, in each process what it handles itself.

    It forgets at most seven messages of a patient at a time: a patient who writes more than a quota
    allows writes more than that.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[PersonId, Count] = {}
        self._until = clock() + KEPT

    def add(self, patient_id: PersonId, replies: int) -> Count | None:
        """Count a message; returns what its patient's state has to be told, where it is enough."""
        if len(self._counts) >= MOST or self._clock() >= self._until:
            self._counts, self._until = {}, self._clock() + KEPT
        messages, before = self._counts.get(patient_id, Count())
        count = Count(messages + 1, before + replies)
        if count.messages < TOLD:
            self._counts[patient_id] = count
            return None
        self._counts.pop(patient_id, None)
        return count
