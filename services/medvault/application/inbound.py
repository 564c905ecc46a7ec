"""Inbound: the work on the conversations and statuses that a wake-up names."""

from collections.abc import Sequence
from threading import Lock

from medvault.application.sessions import Sessions
from medvault.application.statuses import Statuses
from medvault.domain.identifiers import LaneId
from medvault.domain.updates import STATUSES
from medvault.ports import Queue, Waker


class Inbound:
    """Handles the conversations and the lane of statuses that wake-ups name.

    A burst of statuses must not keep patients waiting: conversations go first, the lane gets a turn
    after them, and what it leaves goes to the end of the queue.

    One call at a time: in a backlog the tick finds what the consumer is about to handle, and side
    by side each would only wait for the other's rows.
    """

    def __init__(self, sessions: Sessions, statuses: Statuses, waker: Waker) -> None:
        self._sessions = sessions
        self._statuses = statuses
        self._waker = waker
        self._turn = Lock()

    def handle(self, subjects: Sequence[LaneId]) -> None:
        """Handle everything that waits for these subjects; the rest of a long lane comes later."""
        self._handle(subjects, suspected=False)

    def handle_suspects(self, subjects: Sequence[LaneId]) -> None:
        """Handle what somebody may have died of: attempts are counted before they begin."""
        self._handle(subjects, suspected=True)

    def _handle(self, subjects: Sequence[LaneId], *, suspected: bool) -> None:
        with self._turn:
            self._sessions.converse(subjects, suspected=suspected)
            more = STATUSES in subjects and self._statuses.apply(suspected=suspected)
        if more:
            self._waker.wake(Queue.INBOUND, [STATUSES])
