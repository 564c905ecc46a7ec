"""A lock that many may share, or one have alone (a readers-writer lock)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SharedLock:
    """A thread that wants it alone goes before all that come later; within one process."""

    def __init__(self) -> None:
        self._door = threading.Lock()
        self._left = threading.Condition()
        self._inside = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold it together with others."""
        with self._door, self._left:
            self._inside += 1
        try:
            yield
        finally:
            with self._left:
                self._inside -= 1
                self._left.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold it once all others have let it go, while nobody else comes in."""
        with self._door:
            with self._left:
                self._left.wait_for(lambda: not self._inside)
            yield
