"""A delivery that runs while a test looks on."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from medvault.adapters.local.rate_limits import LocalRateLimiter
from medvault.adapters.whatsapp.channel import CloudChannel
from medvault.application.delivery.allowance import Allowance, Rates
from medvault.application.delivery.loop import Delivery
from medvault.domain.errors import Unavailable
from medvault.ports import Channel
from support.clinic.clinic import Clinic

UNLIMITED = Rates(messages_per_second=10_000, pair_seconds=0)


class Sending:
    """A `Delivery` in a thread with a loop of its own."""

    def __init__(self, clinic: Clinic, **changes: Any) -> None:
        self._clinic = clinic
        self._changes = changes
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def start(self) -> None:
        """Starts sending."""
        self._thread.start()
        self._started.wait(5)

    def wake(self) -> None:
        """Wakes it."""
        self._loop.call_soon_threadsafe(self._delivery.wake)

    def breaker_is_open(self) -> bool:
        """Whether nothing can be sent."""
        try:
            self._delivery.check()
        except Unavailable:
            return True
        return False

    def stop(self, seconds: float = 10) -> None:
        """Stops it, and waits until what was in flight is recorded."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._delivery.stop)
            self._thread.join(seconds)
        assert not self._thread.is_alive(), "delivery does not end"

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        usual = self._clinic.base.whatsapp
        options = replace(usual, timeout=self._changes.get("timeout", usual.timeout))
        async with CloudChannel(options) as channel:
            wrapped: Callable[[Channel], Channel] = self._changes.get("channel", lambda c: c)
            self._delivery = Delivery(
                self._changes.get("database", self._clinic.database),
                wrapped(channel),
                Allowance(LocalRateLimiter(), self._changes.get("rates", UNLIMITED)),
                self._clinic.waker,
                self._clinic.base.index,
                self._clinic.base.new_id,
            )
            self._started.set()
            await self._delivery.run()


@contextmanager
def sending(clinic: Clinic, **changes: Any) -> Iterator[Sending]:
    """Sends what is due within the block.

    `database`, `channel` and `rates` may be others, and `timeout` the seconds that a send may take.
    """
    running = Sending(clinic, **changes)
    running.start()
    try:
        yield running
    finally:
        running.stop()
