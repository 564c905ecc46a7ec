"""Batches as natural as they come: all that has arrived by now is handled together."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import structlog
from kombu.entity import Queue as KombuQueue
from kombu.messaging import Consumer

from medvault import failpoints
from medvault.adapters.amqp.topology import dead_queue_name, queue_name
from medvault.domain.backoff import Backoff
from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.errors import Unavailable
from medvault.failpoints import ACKNOWLEDGE
from medvault.ports import Queue

PREFETCH_BATCHES: Final = 4
"""Batches that the broker hands out ahead of the acknowledgements."""

SUSPICIOUS: Final = 2
"""Earlier deliveries after which a message is handled alone: it may be what kills the worker."""

FIRST_PROBE: Final = 0.2
LONGEST_PROBE: Final = 2.0
"""Seconds before an absent dependency is probed again."""

BREATH: Final = 0.001
"""Seconds between two batches: after ten timers without any the loop would sleep for a second."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BatchQueue:
    """A queue and what to do with its messages.

    `handle` gets up to `max_messages` bodies; when it returns they are acknowledged. `Unavailable`
    makes the consumer give back all that it holds, and take no more until `probe` returns; after
    any other exception each is handed over alone, and what still raises goes back to the broker,
    which counts, and in its last try to the dead letters. `probe` raises `Unavailable` too. Both
    should return well within ten seconds.

    A message that was handed over before, here or elsewhere, goes to `handle_suspects` where there
    is one: a worker may have died of it. Where messages are `in_order` a consumer that ends gives
    all back that it holds, before the next one begins; else it handles that first. `dead` takes
    what the broker has given up of the queue.
    """

    queue: Queue
    handle: Callable[[Sequence[bytes]], None]
    probe: Callable[[], None]
    max_messages: int = 64
    in_order: bool = False
    handle_suspects: Callable[[Sequence[bytes]], None] | None = None
    max_attempts: int = MAX_ATTEMPTS
    dead: bool = False

    def name(self, prefix: str) -> str:
        """Return the broker's name of the queue."""
        return (dead_queue_name if self.dead else queue_name)(prefix, self.queue)


class BrokerMessage(Protocol):
    """The part of kombu's messages that the consumer uses."""

    body: bytes
    delivery_tag: int
    headers: Mapping[str, Any]

    def ack(self, *, multiple: bool = False) -> None:
        """Acknowledge it, or all of the channel up to it."""
        ...

    def reject(self, *, requeue: bool = False) -> None:
        """Give it back, counted."""
        ...


class BatchConsumer:
    """A consumer on one channel, with which it ends: all that it holds is delivered again.

    While something is away it has no channel: a broker ends one that holds messages for long
    (RabbitMQ's `consumer_timeout`). One batch is handled a turn of Celery's loop, so heartbeats and
    signals get their turn between.
    """

    def __init__(self, consumer: BatchQueue, name: str, connection: Any, timer: Any) -> None:
        self._consumer = consumer
        self._prefetch = consumer.max_messages * PREFETCH_BATCHES
        self._connection = connection
        self._timer = timer
        self._held: deque[BrokerMessage] = deque()
        self._scheduled = False
        self._open = True
        self._backoff = Backoff(FIRST_PROBE, LONGEST_PROBE)
        self._queue: Any = KombuQueue(name, no_declare=True)
        self._channel: Any = None
        self._consume()

    def _consume(self) -> None:
        self._channel = self._connection.channel()
        self._kombu: Any = Consumer(
            self._channel,
            [self._queue],
            on_message=partial(self._received, self._channel),
            prefetch_count=self._prefetch,
        )
        self._alone_up_to = 0
        self._kombu.consume()

    def abandon(self) -> None:
        """Forget what is held, the connection being lost."""
        self._open = False
        self._held.clear()

    def cancel(self) -> None:
        """Take no more; messages that are on their way already are held too."""
        if self._consumer.in_order or self._channel is None:
            self.close()
        else:
            self._scheduled = True
            self._kombu.cancel()

    def finish(self, deadline: float) -> None:
        """Handle what is held, and close; after the deadline the rest goes back to the broker.

        So it does while something is away. The deadline is one of `time.monotonic`.
        """
        while self._held and time.monotonic() < deadline:
            if self._handle(self._next_batch()):
                break
        if self._open:
            self.close()

    def close(self) -> None:
        """Give back to the broker what is held."""
        self.abandon()
        self._give_back()

    def _give_back(self) -> None:
        """Close the channel: nacked messages would come again before the consumer is cancelled."""
        self._held.clear()
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()

    def _received(self, channel: Any, message: BrokerMessage) -> None:
        if channel is self._channel:
            self._held.append(message)
            self._schedule(self._turn)

    def _schedule(self, callback: Callable[[], None], delay: float = 0) -> None:
        if not self._scheduled and self._open:
            self._scheduled = True
            # Not hub.call_soon: that one would not shorten the poll that follows.
            self._timer.call_after(delay, callback)

    def _turn(self) -> None:
        if not self._open:
            return
        self._drain()
        absent = self._handle(self._next_batch()) if self._open and self._held else None
        self._scheduled = False
        if absent:
            log.warning("consumer waits", queue=self._name, dependency=absent.dependency)
            self._give_back()
            self._schedule(self._probe, self._backoff.pause())
        elif self._held:
            self._schedule(self._turn, BREATH)

    def _handle(self, batch: Sequence[BrokerMessage]) -> Unavailable | None:
        """Return what is away, if that's why the batch is still to be handled."""
        try:
            self._handler(batch[0])([bytes(message.body) for message in batch])
        except Unavailable as absent:
            return absent
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must go on
            self._failed(batch, error)
        else:
            failpoints.before(ACKNOWLEDGE[self._consumer.queue])
            batch[-1].ack(multiple=True)
            failpoints.after(ACKNOWLEDGE[self._consumer.queue])
            self._release(batch)
        return None

    def _drain(self) -> None:
        """Take what has arrived already, more than a batch if need be.

        To the end: poll would not tell of what TLS has read ahead.
        """
        while len(self._held) < self._prefetch:
            try:
                self._connection.drain_events(timeout=0)
            except TimeoutError:
                return

    def _next_batch(self) -> list[BrokerMessage]:
        batch: list[BrokerMessage] = []
        for message in self._held:
            if len(batch) == self._consumer.max_messages or (
                batch and (self._alone(message) or self._again(message) != self._again(batch[0]))
            ):
                break
            batch.append(message)
            if self._alone(message):
                break
        return batch

    def _handler(self, message: BrokerMessage) -> Callable[[Sequence[bytes]], None]:
        suspects = self._consumer.handle_suspects
        return suspects if suspects and self._again(message) else self._consumer.handle

    def _alone(self, message: BrokerMessage) -> bool:
        return message.delivery_tag <= self._alone_up_to or _earlier(message) >= SUSPICIOUS

    def _again(self, message: BrokerMessage) -> bool:
        return message.delivery_tag <= self._alone_up_to or _earlier(message) > 0

    def _failed(self, batch: Sequence[BrokerMessage], error: Exception) -> None:
        log.warning("batch failed", queue=self._name, count=len(batch), error=type(error).__name__)
        if len(batch) > 1:
            self._alone_up_to = batch[-1].delivery_tag
        else:
            batch[0].reject(requeue=_earlier(batch[0]) + 1 < self._consumer.max_attempts)
            self._release(batch)

    def _release(self, batch: Sequence[BrokerMessage]) -> None:
        for _ in batch:
            self._held.popleft()

    def _probe(self) -> None:
        self._scheduled = False
        try:
            self._consumer.probe()
        except Exception as error:  # noqa: BLE001 - a probe that fails is a dependency that is away
            log.debug("probe failed", queue=self._name, error=type(error).__name__)
            self._schedule(self._probe, self._backoff.pause())
        else:
            self._backoff.reset()
            log.info("consumer resumes", queue=self._name)
            self._resume()

    def _resume(self) -> None:
        try:
            self._consume()
        except self._connection.channel_errors as error:
            # Celery hears of lost connections only, and declares the queues on the next one.
            raise ConnectionResetError from error

    @property
    def _name(self) -> str:
        return self._consumer.queue.value


def _earlier(message: BrokerMessage) -> int:
    """Return how often the broker has handed a message over before."""
    count: int = message.headers.get("x-delivery-count", 0)
    return count
