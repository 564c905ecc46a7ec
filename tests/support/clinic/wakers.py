"""A waker that remembers whom it was told to wake."""

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from medvault.ports import Queue


class RecordingWaker:
    """Fulfils `Waker`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._woken: dict[Queue, list[UUID]] = {queue: [] for queue in Queue}

    def wake(self, queue: Queue, ids: Sequence[UUID]) -> None:
        """Remembers ids."""
        with self._lock:
            self._woken[queue] += ids

    def take(self, queue: Queue) -> list[Any]:
        """The ids that were to be woken since the last call, each once; the queue tells of what."""
        with self._lock:
            woken, self._woken[queue] = self._woken[queue], []
        return list(dict.fromkeys(woken))

    def forget(self) -> None:
        """Loses all wake-ups, as a broker does that is wiped."""
        for queue in Queue:
            self.take(queue)
