"""Isolation: what may have killed the process that worked on it is worked on alone.

Many files are in hand at once. When a process dies, each of them may have been the reason; tried
side by side again, innocent ones would lose try after try to the one that kills.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from medvault.application.shared_lock import SharedLock
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction


class Isolation:
    """Takes the steps of files and uploads, side by side where nothing speaks against it."""

    def __init__(self, database: Database, steps: Sequence[Callable[[UUID], bool]]) -> None:
        self._database = database
        self._steps = steps
        self._company = SharedLock()

    def process(self, id: UUID) -> bool:
        """Take the first step that has something to do; False where none has."""
        with self._company.shared():
            if not self._suspected(id):
                return self._step(id)
        with self._company.alone():
            return self._step(id)

    def _step(self, id: UUID) -> bool:
        return any(step(id) for step in self._steps)

    def _suspected(self, id: UUID) -> bool:
        with self._database.begin(Transaction.SUSPECT_FILE) as work:
            return work.media.abandoned(id) or work.outbox.abandoned_upload(id)
