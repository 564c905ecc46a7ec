"""Publishing: wake-ups that nobody waits for, and webhooks that count once they are confirmed."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple
from uuid import UUID

from pika import BasicProperties, DeliveryMode
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.frame import Method
from pika.spec import Basic
from typing_extensions import override

from medvault import failpoints
from medvault.adapters.amqp.link import Link
from medvault.adapters.amqp.messages import OCTETS, wake_ups
from medvault.adapters.amqp.topology import DEFAULT_PREFIX, queue_name
from medvault.domain.errors import Unavailable
from medvault.failpoints import PUBLISH, OutwardStep
from medvault.observability import metrics
from medvault.ports import Queue, Spillway, Waker

BACKLOG: Final = 16 << 20
"""Bytes that may wait for the broker's confirm; a frozen broker must not fill our memory."""

LAST_CONFIRMS: Final = 0.2
"""Seconds that a stop waits for what the broker has yet to confirm."""


class _Unconfirmed(NamedTuple):
    size: int
    wake_ups: int
    spilled: "asyncio.Future[None] | None"


class AmqpPublisher(Waker, Spillway):
    """Fulfils `Waker`, `Spillway` and `Check` on one event loop.

    All but `check` belong on the loop that `start` ran on. The connection comes back by itself.
    `dropped` counts the ids whose wake-up was not published or not taken.
    """

    def __init__(
        self, url: str, prefix: str = DEFAULT_PREFIX, confirm_timeout: float = 1.0
    ) -> None:
        self._link = Link(url, on_up=self._up, on_down=self._down)
        self._names = {queue: queue_name(prefix, queue) for queue in Queue}
        self._confirm_timeout = confirm_timeout
        self._waiting: dict[Queue, dict[UUID, None]] = {}
        self._channel: Channel | None = None
        self._unconfirmed: OrderedDict[int, _Unconfirmed] = OrderedDict()
        self._backlog = 0
        self._tag = 0
        self._settled = asyncio.Event()
        self.dropped = 0

    async def start(self) -> None:
        """Begin to connect and return; `check` tells when that is done."""
        self._loop = asyncio.get_running_loop()
        self._link.open()

    async def stop(self) -> None:
        """Publish what waits and close, within a second; unconfirmed webhooks are `Unavailable`."""
        self._flush()
        if self._unconfirmed:
            self._settled.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_CONFIRMS):
                    await self._settled.wait()
        await self._link.close()

    def check(self) -> None:
        """Raise `Unavailable` unless connected, `Refused` where the login is. From any thread."""
        if self._channel is None:
            raise self._link.absence()

    @override
    def wake(self, queue: Queue, ids: Sequence[UUID]) -> None:
        """Publish at the end of this tick of the loop, together with all its other wake-ups."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.setdefault(queue, {}).update(dict.fromkeys(ids))

    @override
    async def spill(self, sealed: bytes) -> None:
        """Publish to `intake` and wait for the confirm; `Unavailable` after the time-out too.

        A webhook that timed out may have arrived all the same: its updates are then known by their
        keys.
        """
        spilled = self._loop.create_future()
        properties = {**OCTETS, "message_id": str(self._tag + 1)}
        self._publish(Queue.INTAKE, sealed, properties, _Unconfirmed(len(sealed), 0, spilled))
        try:
            async with asyncio.timeout(self._confirm_timeout):
                await spilled
                failpoints.after(OutwardStep.CONFIRM_INTAKE)
        except TimeoutError:
            raise Unavailable("broker") from None

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for queue, ids in waiting.items():
            for message in wake_ups(queue, list(ids)):
                entry = _Unconfirmed(len(message.body), message.ids, None)
                try:
                    self._publish(queue, message.body, message.properties, entry)
                except Unavailable:
                    self._drop(message.ids)
                else:
                    metrics.wakeups[queue.value].inc(message.ids)

    def _publish(
        self, queue: Queue, body: bytes, properties: Mapping[str, object], entry: _Unconfirmed
    ) -> None:
        if self._channel is None or self._link.blocked or self._backlog > BACKLOG:
            raise Unavailable("broker")
        failpoints.before(PUBLISH[queue])
        try:
            self._channel.basic_publish(
                "",
                self._names[queue],
                body,
                BasicProperties(delivery_mode=DeliveryMode.Persistent, **properties),
                mandatory=entry.spilled is not None,
            )
        except AMQPError:
            raise Unavailable("broker") from None
        failpoints.after(PUBLISH[queue])
        self._tag += 1
        self._unconfirmed[self._tag] = entry
        self._backlog += entry.size

    def _up(self, channel: Channel) -> None:
        self._tag = 0
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._confirmed)
        self._channel = channel

    def _down(self) -> None:
        self._channel = None
        while self._unconfirmed:
            self._settle(next(iter(self._unconfirmed)), taken=False)

    def _confirmed(self, frame: Method) -> None:
        tag, taken = frame.method.delivery_tag, isinstance(frame.method, Basic.Ack)
        if not frame.method.multiple:
            self._settle(tag, taken=taken)
            return
        while self._unconfirmed and (first := next(iter(self._unconfirmed))) <= tag:
            self._settle(first, taken=taken)

    def _settle(self, tag: int, *, taken: bool) -> None:
        entry = self._unconfirmed.pop(tag)
        self._backlog -= entry.size
        if not self._unconfirmed:
            self._settled.set()
        if not taken:
            self._drop(entry.wake_ups)
        if entry.spilled is None or entry.spilled.done():
            return
        if taken:
            failpoints.before(OutwardStep.CONFIRM_INTAKE)
            entry.spilled.set_result(None)
        else:
            entry.spilled.set_exception(Unavailable("broker"))

    def _returned(
        self, _channel: Channel, _method: Basic.Return, properties: BasicProperties, _body: bytes
    ) -> None:
        """The queue is gone; the broker confirms right after, as if nothing were amiss."""
        entry = self._unconfirmed[int(properties.message_id)]
        if entry.spilled is not None and not entry.spilled.done():
            entry.spilled.set_exception(Unavailable("broker"))

    def _drop(self, ids: int) -> None:
        self.dropped += ids
        metrics.dependency_failures["broker"].inc(ids)
