"""The broker of a single process: threads that take what waits."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Generic, TypeVar
from uuid import UUID

import structlog
from typing_extensions import override

from medvault.domain.backoff import Backoff
from medvault.domain.errors import Unavailable
from medvault.ports import Queue, Spillway, Waker

MAX_WAITING: Final = 100_000
"""Ids that wait in a queue; more are dropped, and the sweep wakes their rows again."""

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 2.0
"""Seconds before what a handler left undone, some dependency being away, is tried again."""

T = TypeVar("T")

log = structlog.get_logger()


class LocalBroker(Waker, Spillway):
    """Fulfils `Waker`, `Spillway` and `Check`, and runs the handlers. Thread-safe.

    A wake-up for an id that waits already is merged with it. `dropped` counts the ids that found
    their queue full, or nobody subscribed.
    """

    def __init__(self, spill_timeout: float = 1.0) -> None:
        self._lines: dict[Queue, _Line[UUID]] = {}
        self._intake: _Line[_Spilled] | None = None
        self._threads: list[threading.Thread] = []
        self._spill_timeout = spill_timeout
        self.dropped = 0

    def subscribe(
        self,
        queue: Queue,
        handler: Callable[[Sequence[UUID]], None],
        max_ids: int = 64,
        workers: int = 1,
    ) -> None:
        """Run `handler` in `workers` threads on up to `max_ids` ids at a time, oldest first.

        Ids are handled again if it raises `Unavailable`. After any other exception each of the
        batch is handled alone, and forgotten if that raises too.
        """
        self._lines[queue] = line = _Line(handler, max_ids)
        for number in range(workers):
            self._run(line.serve, f"{queue.value}-{number}")

    def subscribe_intake(self, handler: Callable[[Sequence[bytes]], None]) -> None:
        """Run `handler` in one thread on the sealed webhooks that `spill` brings."""
        self._intake = _Line(lambda spilled: _store(handler, spilled), max_items=64)
        self._run(self._intake.serve, Queue.INTAKE.value)

    @override
    def wake(self, queue: Queue, ids: Sequence[UUID]) -> None:
        """Let the subscriber know."""
        line = self._lines.get(queue)
        self.dropped += len(ids) - line.put(ids) if line else len(ids)

    @override
    async def spill(self, sealed: bytes) -> None:
        """Return once intake's handler has stored the webhook, for this process keeps nothing.

        Raises `Unavailable` when it can't, or not within the time-out.
        """
        spilled = _Spilled(sealed)
        if self._intake is None or not self._intake.put([spilled]):
            raise Unavailable("broker")
        try:
            async with asyncio.timeout(self._spill_timeout):
                await asyncio.wrap_future(spilled.stored)
        except TimeoutError:
            raise Unavailable("broker") from None

    def check(self) -> None:
        """Raise `Unavailable` if a thread has ended."""
        if not all(thread.is_alive() for thread in self._threads):
            raise Unavailable("broker")

    def stop(self, seconds: float = 5.0) -> None:
        """Handle what waits and end the threads, waiting for each of them `seconds` at most."""
        for line in (*self._lines.values(), self._intake):
            if line is not None:
                line.stop()
        for thread in self._threads:
            thread.join(seconds)

    def _run(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()


class _Spilled:
    """A sealed webhook, and whether it is stored."""

    def __init__(self, sealed: bytes) -> None:
        self.sealed = sealed
        self.stored: Future[None] = Future()


def _store(handler: Callable[[Sequence[bytes]], None], spilled: Sequence[_Spilled]) -> None:
    wanted = [each for each in spilled if each.stored.set_running_or_notify_cancel()]
    if not wanted:
        return
    try:
        handler([each.sealed for each in wanted])
    except Exception as error:  # noqa: BLE001 - whatever it is, the webhook is not stored
        log.warning("handler failed", error=type(error).__name__)
        for each in wanted:
            each.stored.set_exception(Unavailable("broker"))
    else:
        for each in wanted:
            each.stored.set_result(None)


class _Line(Generic[T]):
    """The items that wait for one handler."""

    def __init__(self, handler: Callable[[Sequence[T]], None], max_items: int) -> None:
        self._handler = handler
        self._max_items = max_items
        self._waiting: OrderedDict[T, None] = OrderedDict()
        self._changed = threading.Condition()
        self._stopping = threading.Event()

    def put(self, items: Sequence[T]) -> int:
        """Append, and return how many of them wait now."""
        with self._changed:
            if self._stopping.is_set():
                return 0
            room = MAX_WAITING - len(self._waiting)
            taken = items[:room]
            self._waiting.update(dict.fromkeys(taken))
            self._changed.notify()
            return len(taken)

    def stop(self) -> None:
        """Take nothing more; `serve` returns once nothing waits."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()

    def serve(self) -> None:
        """Hand over until stopped and empty; a pause cut short by `stop` is the last try."""
        backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        while batch := self._take():
            try:
                self._handle(batch)
            except Unavailable:
                if self._stopping.is_set():
                    return
                self._give_back(batch)
                self._stopping.wait(backoff.pause())
            else:
                backoff.reset()

    def _handle(self, batch: Sequence[T]) -> None:
        try:
            self._handler(batch)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must go on
            log.warning("batch failed", count=len(batch), error=type(error).__name__)
            if len(batch) > 1:
                for item in batch:
                    self._handle([item])

    def _take(self) -> list[T]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
            count = min(len(self._waiting), self._max_items)
            batch = [self._waiting.popitem(last=False)[0] for _ in range(count)]
            if self._waiting:
                self._changed.notify()
            return batch

    def _give_back(self, batch: Sequence[T]) -> None:
        with self._changed:
            for item in reversed(batch):
                self._waiting[item] = None
                self._waiting.move_to_end(item, last=False)
