"""How a run goes, a line every few seconds."""

import asyncio
import time
from collections.abc import Callable, Mapping

Figures = Callable[[], Mapping[str, object]]


async def show(
    every: float, figures: Figures, backlog: Callable[[], str], say: Callable[[str], None]
) -> None:
    """Say every so many seconds how it stands, until cancelled.

    `backlog` may block, as the database may be frozen.
    """
    began = time.monotonic()
    while True:
        await asyncio.sleep(every)
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        waits = await asyncio.to_thread(backlog)
        shown = "  ".join(f"{name} {value}" for name, value in figures().items())
        say(f"{minutes:3}:{seconds:02}  {shown}  backlog {waits}")
