"""The slow lane: files whose scan takes long leave room for all others."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from medvault.domain.errors import PutOff
from medvault.domain.identifiers import MediaId

_REMEMBERED = 1000


class SlowLane:
    """Lets `places` files of this process be scanned for long; others that need it come later.

    A file that once took long waits for a place before anything is done for it, so that it holds
    up others only until it is known here.
    """

    def __init__(self, places: int) -> None:
        self._places = threading.Semaphore(places)
        self._lock = threading.Lock()
        self._slow: dict[MediaId, None] = {}

    @contextmanager
    def scanning(self, id: MediaId) -> Iterator[Callable[[], bool]]:
        """Yield what tells whether this file's scan may take long; raises `PutOff`."""
        taken = False

        def may_take_long() -> bool:
            nonlocal taken
            self._remember(id)
            taken = taken or self._places.acquire(blocking=False)
            return taken

        if id in self._slow and not may_take_long():
            raise PutOff
        try:
            yield may_take_long
        finally:
            if taken:
                self._places.release()

    def _remember(self, id: MediaId) -> None:
        with self._lock:
            self._slow[id] = None
            if len(self._slow) > _REMEMBERED:
                del self._slow[next(iter(self._slow))]
