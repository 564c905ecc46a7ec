"""A connection to the broker that comes back by itself."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from pika import URLParameters
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker

from medvault.adapters.amqp import refusals
from medvault.domain.backoff import Backoff
from medvault.domain.errors import Unavailable

HEARTBEAT: Final = 10
FIRST_DELAY: Final = 0.1
LONGEST_DELAY: Final = 1.0
HANDSHAKE: Final = 3.0
CLOSE: Final = 0.7
"""Seconds, all of them."""

log = structlog.get_logger()


class Link:
    """One connection with one channel on the running event loop; it declares no queue.

    `on_up` gets each new channel, `on_down` hears that it is gone. Between two attempts the link
    waits from 0.1 s, doubling, to 1 s.
    """

    def __init__(
        self, url: str, on_up: Callable[[Channel], None], on_down: Callable[[], None]
    ) -> None:
        self._parameters = parameters(url)
        self._on_up = on_up
        self._on_down = on_down
        self._backoff = Backoff(FIRST_DELAY, LONGEST_DELAY)
        self._connection: AsyncioConnection | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._closed: asyncio.Event | None = None
        self.blocked = False
        self._loss: BaseException | None = None

    def absence(self) -> Unavailable:
        """Return why there is no channel, as the last try to connect told."""
        found = refusals.refused(self._loss) if self._loss else None
        return found or Unavailable("broker")

    def open(self) -> None:
        """Begin to connect; returns at once."""
        self._retry = None
        self.blocked = False
        self._connection = AsyncioConnection(
            self._parameters,
            on_open_callback=self._opened,
            on_open_error_callback=self._lost,
            on_close_callback=self._lost,
            custom_ioloop=asyncio.get_running_loop(),
        )

    async def close(self) -> None:
        """Hand over what is buffered and close; takes a second at most."""
        self._closed = asyncio.Event()
        if self._retry:
            self._retry.cancel()
        if self._connection is None:
            return
        if not (self._connection.is_closing or self._connection.is_closed):
            self._connection.close()
        try:
            async with asyncio.timeout(CLOSE):
                await self._closed.wait()
        except TimeoutError:
            log.warning("broker left open")

    def _opened(self, connection: AsyncioConnection) -> None:
        connection.add_on_connection_blocked_callback(lambda *_: self._block(True))
        connection.add_on_connection_unblocked_callback(lambda *_: self._block(False))
        connection.channel(on_open_callback=self._prepared)

    def _block(self, blocked: bool) -> None:  # noqa: FBT001 - a state, not a mode
        self.blocked = blocked
        log.warning("broker blocks" if blocked else "broker_unblocks")

    def _prepared(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._ended)
        self._backoff.reset()
        log.info("broker connected")
        self._on_up(channel)

    def _ended(self, _channel: Channel, reason: BaseException) -> None:
        """A channel never closes alone: a new connection puts everything right."""
        if isinstance(reason, ChannelClosedByBroker):
            refusals.tell_publisher(reason.reply_code)
        if self._connection is not None and self._connection.is_open:
            self._connection.close()

    def _lost(self, _connection: AsyncioConnection, error: BaseException) -> None:
        self._connection = None
        self._loss = error
        self._on_down()
        if self._closed is not None:
            self._closed.set()
            return
        pause = self._backoff.pause()
        log.warning("broker lost", error=type(error).__name__, retry_in=pause)
        self._retry = asyncio.get_running_loop().call_later(pause, self.open)


def parameters(url: str) -> URLParameters:
    """Read `amqp://` or `amqps://`, the latter trusting the system's authorities."""
    found = URLParameters(url)
    found.heartbeat = HEARTBEAT
    found.connection_attempts = 1
    found.socket_timeout = HANDSHAKE
    found.stack_timeout = HANDSHAKE
    return found
