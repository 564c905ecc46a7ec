"""Updates held back, shuffled and gathered, as the faults demand."""

import asyncio
from collections.abc import Callable, Sequence

from medvault.simulator.faults import FaultDice
from medvault.simulator.webhooks import MessageUpdate, Update

Release = Callable[[list[Update]], None]


class Disturbance:
    """Between what happens and what is posted; `release` gets the updates of one POST."""

    def __init__(self, dice: FaultDice, release: Release) -> None:
        self._dice = dice
        self._release = release
        self._held: list[Update] = []
        self._timer: asyncio.TimerHandle | None = None
        self._delayed: dict[int, tuple[asyncio.TimerHandle, Update]] = {}
        self._count = 0

    def submit(self, updates: Sequence[Update]) -> None:
        """Take updates; they are released later, in another order or together."""
        for update in updates:
            seconds = self._delay(update)
            if seconds <= 0:
                self._gather(update)
                continue
            self._count += 1
            timer = asyncio.get_running_loop().call_later(seconds, self._due, self._count)
            self._delayed[self._count] = (timer, update)

    @property
    def holding(self) -> bool:
        """Whether updates are held back."""
        return bool(self._held or self._delayed)

    def flush(self) -> None:
        """Release everything now: the faults were cleared."""
        delayed, self._delayed = self._delayed, {}
        for timer, update in delayed.values():
            timer.cancel()
            self._held.append(update)
        self._flush_held()

    def _delay(self, update: Update) -> float:
        delay = self._dice.faults.delay
        if delay is None:
            return 0.0
        kind = "messages" if isinstance(update, MessageUpdate) else "statuses"
        if delay.only not in (None, kind):
            return 0.0
        return (delay.milliseconds + self._dice.random.random() * delay.spread) / 1000

    def _due(self, number: int) -> None:
        _, update = self._delayed.pop(number)
        self._gather(update)

    def _gather(self, update: Update) -> None:
        faults = self._dice.faults
        self._held.append(update)
        size = max(
            faults.reorder.window if faults.reorder else 1, faults.batch.size if faults.batch else 1
        )
        if len(self._held) >= size:
            self._flush_held()
        elif self._timer is None:
            wait = min(f.milliseconds for f in (faults.reorder, faults.batch) if f is not None)
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(wait / 1000, self._flush_held)

    def _flush_held(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        held, self._held = self._held, []
        if self._dice.faults.reorder is not None:
            self._dice.random.shuffle(held)
        size = self._dice.faults.batch.size if self._dice.faults.batch else 1
        for start in range(0, len(held), size):
            self._release(held[start : start + size])
