"""A publisher for programs without an event loop."""

import asyncio
import threading
from collections.abc import Sequence
from uuid import UUID

from typing_extensions import override

from medvault.adapters.amqp.publisher import AmqpPublisher
from medvault.adapters.amqp.topology import DEFAULT_PREFIX
from medvault.ports import Queue, Waker


class ThreadedPublisher(Waker):
    """Fulfils `Waker` and `Check` from any thread; publishes on a background thread's loop."""

    def __init__(self, url: str, prefix: str = DEFAULT_PREFIX) -> None:
        self._publisher = AmqpPublisher(url, prefix)
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._started = threading.Event()
        self._late = 0

    def start(self) -> None:
        """Start the thread and begin to connect; `check` tells when that is done."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Publish what waits, close and end the thread; within a second or so. May be repeated."""
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    @override
    def wake(self, queue: Queue, ids: Sequence[UUID]) -> None:
        """Hand over to the loop; after `stop` the wake-up is dropped."""
        try:
            self._loop.call_soon_threadsafe(self._publisher.wake, queue, ids)
        except RuntimeError:  # the loop is closed
            self._late += len(ids)

    def check(self) -> None:
        """Raise `Unavailable` unless connected."""
        self._publisher.check()

    @property
    def dropped(self) -> int:
        """The ids whose wake-up was not published or not taken."""
        return self._publisher.dropped + self._late

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        await self._publisher.start()
        self._started.set()
        await self._stopping.wait()
        await self._publisher.stop()
