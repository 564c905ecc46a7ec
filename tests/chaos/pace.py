"""When patients do the next thing: evenly spread over a storm."""

import asyncio
import contextlib
import time


class Pace:
    """Gives out so many `turns` in so many `seconds`; those that an outage held up come at once.

    Once it is `over`, nobody waits any more.
    """

    def __init__(self, turns: int, seconds: float, over: asyncio.Event) -> None:
        self._began = time.monotonic()
        self._interval = seconds / turns
        self._taken = 0
        self._over = over

    async def turn(self) -> None:
        """Wait for the next turn."""
        due = self._began + self._taken * self._interval
        self._taken += 1
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), max(0.0, due - time.monotonic()))
