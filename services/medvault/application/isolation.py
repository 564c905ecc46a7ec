"""Isolation: what may have killed the process that worked on it is worked on alone.

Many files are in hand at once. When a process dies, each of them may have been the reason; tried
side by side again, innocent ones would lose try after try to the one that kills. Likewise what
ran out of time: maybe its neighbours kept the machine busy.
"""

import threading
from collections.abc import Callable, Sequence
from uuid import UUID

from medvault.application.shared_lock import SharedLock
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction


class Isolation:
    """Takes the steps of files and uploads, `at_once` of them, if nothing speaks against it."""

    def __init__(
        self, database: Database, steps: Sequence[Callable[[UUID], bool]], at_once: int
    ) -> None:
        self._database = database
        self._steps = steps
        self._company = SharedLock()
        self._free = threading.BoundedSemaphore(at_once)

    def process(self, id: UUID) -> bool:
        """Take the first step that has something to do; False where none has."""
        with self._free:
            return self._process(id)

    def idle(self) -> bool:
        """Whether one more could be worked on now, so that none waits in line for it."""
        if free := self._free.acquire(blocking=False):
            self._free.release()
        return free

    def _process(self, id: UUID) -> bool:
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
