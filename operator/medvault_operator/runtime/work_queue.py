"""The queue between the threads that see changes and the threads that reconcile."""

import threading
import time
from collections.abc import Callable

from medvault_operator.runtime.schedule import Schedule
from medvault_operator.vault.name import VaultName

SETTLE_SECONDS = 0.2
"""Changes rarely come alone: those within this time are handled together."""


class WorkQueue:
    """A `Schedule` that threads share and wait on."""

    def __init__(
        self, schedule: Schedule | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._schedule = schedule or Schedule()
        self._clock = clock
        self._changed = threading.Condition()
        self._closed = False

    def ask(self, vault: VaultName, after: float = SETTLE_SECONDS) -> None:
        """Have a vault reconciled in so many seconds at the latest."""
        with self._changed:
            self._schedule.ask(vault, self._clock(), after)
            self._changed.notify()

    def take(self) -> VaultName | None:
        """Wait for a vault that is due; nothing once the queue is closed."""
        with self._changed:
            while not self._closed:
                if vault := self._schedule.take(self._clock()):
                    return vault
                self._changed.wait(self._pause())
        return None

    def done(self, vault: VaultName, again: float | None = None) -> None:
        """Note a success; the vault comes up again in so many seconds, or when asked for."""
        with self._changed:
            self._schedule.done(vault)
            if again is not None:
                self._schedule.ask(vault, self._clock(), again)
            self._changed.notify()

    def failed(self, vault: VaultName) -> float:
        """Note a failure; the vault comes up again after the seconds returned."""
        with self._changed:
            seconds = self._schedule.failed(vault, self._clock())
            self._changed.notify()
            return seconds

    def gone(self, vault: VaultName) -> None:
        """Note that a vault does not exist any more."""
        with self._changed:
            self._schedule.gone(vault)
            self._changed.notify()

    def close(self) -> None:
        """Release all threads that wait."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def depth(self) -> int:
        """Return how many vaults are due and not looked at yet."""
        with self._changed:
            return self._schedule.overdue(self._clock())

    def longest_busy(self) -> float:
        """Return for how many seconds the slowest reconcile has lasted."""
        with self._changed:
            return self._schedule.longest_busy(self._clock())

    def _pause(self) -> float | None:
        due = self._schedule.next_due()
        return None if due is None else max(due - self._clock(), 0.0)
