"""Delivery on an event loop of its own, in a thread beside Celery's."""

import asyncio
import threading
from collections.abc import Callable, Sequence

import uvloop

from medvault.adapters.whatsapp.channel import CloudChannel
from medvault.adapters.whatsapp.options import WhatsAppOptions
from medvault.application.delivery.loop import Delivery
from medvault.ports import Channel


class DeliveryThread:
    """Runs a `Delivery` until stopped; then finishes and records what is in flight."""

    def __init__(self, options: WhatsAppOptions, build: Callable[[Channel], Delivery]) -> None:
        self._options = options
        self._build = build
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Start delivering."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Finish what is being sent."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._delivery.stop)
            self._thread.join(timeout=15)

    def wake(self, _: Sequence[object] = ()) -> None:
        """Look for due messages now; which ones, the database knows. From any thread."""
        self._loop.call_soon_threadsafe(self._delivery.wake)

    def check(self) -> None:
        """Raise `Unavailable` while nothing can be sent; from any thread."""
        self._delivery.check()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._deliver())

    async def _deliver(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with CloudChannel(self._options) as channel:
            self._delivery = self._build(channel)
            self._started.set()
            await self._delivery.run()
