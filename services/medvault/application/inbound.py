"""Inbound: whatever a wake-up names is brought forward."""

from collections.abc import Sequence
from threading import Lock
from uuid import UUID

from medvault.application.sessions import Sessions
from medvault.application.statuses import Statuses
from medvault.domain.updates import STATUSES


class Inbound:
    """Handles the conversations and the lane of statuses that wake-ups name.

    One call at a time: in a backlog the tick finds what the consumer is about to handle, and side
    by side each would only wait for the other's rows.
    """

    def __init__(self, sessions: Sessions, statuses: Statuses) -> None:
        self._sessions = sessions
        self._statuses = statuses
        self._turn = Lock()

    def handle(self, subjects: Sequence[UUID]) -> None:
        """Handle everything that waits for these subjects."""
        with self._turn:
            if STATUSES in subjects:
                self._statuses.apply()
            self._sessions.converse(subjects)
