"""Webhooks at a steady rate from within the cluster, posted by the simulator to a Service."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from support.servers.waiting import wait_until
from support.stack.meta import Meta
from support.stack.phone import Phone

SENDERS = 20
REACTION = {
    "type": "reaction",
    "reaction": {"message_id": "wamid.earlier", "emoji": "\N{THUMBS UP SIGN}"},
}


@dataclass(frozen=True, slots=True)
class Answered:
    """How the API answered every POST: HTTP statuses, None for no answer, and seconds."""

    statuses: Counter[int | None]
    slowest: float

    @property
    def failed(self) -> int:
        """How many were answered with something else than 200, or not at all."""
        return sum(self.statuses.values()) - self.statuses[200]


class Reactions:
    """Patients who react to messages, `rate` times a second, and are answered nothing."""

    def __init__(self, meta: Meta, rate: float) -> None:
        self._meta = meta
        self._pause = 1 / rate
        self._posted = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._react, daemon=True)

    def __enter__(self) -> Self:
        self._since = self._meta.control("GET", "/ledger")["seq"]
        self._phones = [Phone(self._meta) for _ in range(SENDERS)]
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def finish(self) -> Answered:
        """React no more, and return how all was answered since the beginning."""
        self.__exit__(None, None, None)
        self._meta.settle()
        webhooks = self._meta.control("GET", f"/ledger?since={self._since}")["webhooks"]
        attempts = [attempt for webhook in webhooks for attempt in webhook["attempts"]]
        statuses = Counter(attempt["status"] for attempt in attempts)
        slowest = max((attempt["seconds"] for attempt in attempts), default=0.0)
        return Answered(statuses, round(slowest, 3))

    def enough(self, count: int) -> None:
        """Return once so many more were posted."""
        wanted = self._posted + count
        wait_until(lambda: self._posted >= wanted, seconds=120, what=f"{count} webhooks")

    def _react(self) -> None:
        began = time.monotonic()
        while not self._ended.wait(max(0.0, began + self._posted * self._pause - time.monotonic())):
            self._phones[self._posted % SENDERS].send(raw=REACTION)
            self._posted += 1
