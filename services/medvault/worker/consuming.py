"""Whether a worker is given messages: connected is not enough, a consumer has to be there."""

import threading

from medvault.domain.errors import Unavailable
from medvault.observability import metrics


class Consuming:
    """Set by Celery's consumer as it starts and stops; asked by /ready."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        metrics.consuming.set(0)

    def begin(self) -> None:
        """All consumers are on the broker."""
        self._begun.set()
        metrics.consuming.set(1)

    def end(self) -> None:
        """The consumers are gone, with their connection or by order."""
        self._begun.clear()
        metrics.consuming.set(0)

    def check(self) -> None:
        """Raise `Unavailable` while the broker gives us nothing."""
        if not self._begun.is_set():
            raise Unavailable("broker")
