"""Inbound: whatever a wake-up names is brought forward."""

from collections.abc import Sequence
from uuid import UUID

from medvault.application.sessions import Sessions
from medvault.application.statuses import Statuses
from medvault.domain.updates import STATUSES


class Inbound:
    """Handles the conversations and the lane of statuses that wake-ups name."""

    def __init__(self, sessions: Sessions, statuses: Statuses) -> None:
        self._sessions = sessions
        self._statuses = statuses

    def handle(self, subjects: Sequence[UUID]) -> None:
        """Handle everything that waits for these subjects."""
        if STATUSES in subjects:
            self._statuses.apply()
        self._sessions.converse(subjects)
