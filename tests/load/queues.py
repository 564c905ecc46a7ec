"""Queues filled and emptied from outside."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from uuid import UUID

import pika
from pika.exceptions import AMQPError

from medvault.adapters.amqp.messages import wake_ups
from medvault.adapters.amqp.topology import DEFAULT_PREFIX, declarations, queue_name
from medvault.ports import Queue
from support.servers.waiting import wait_until

PERSISTENT = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)
QUORUM = {"x-queue-type": "quorum"}
WAKE_UPS = queue_name(DEFAULT_PREFIX, Queue.INBOUND)
RAW = "raw"
"""The reference's queue."""


def publish(broker: str, queue: str, bodies: Iterable[bytes]) -> None:
    """Fill a queue with persistent messages, each confirmed: others may get lost on the way."""
    with closing(pika.BlockingConnection(pika.URLParameters(broker))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish("", queue, body, PERSISTENT)


def wake(broker: str, queue: Queue, ids: Sequence[UUID]) -> None:
    """Have the workers of a queue look at rows."""
    with closing(pika.BlockingConnection(pika.URLParameters(broker))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for message in wake_ups(queue, ids):
            properties = pika.BasicProperties(**message.properties)
            channel.basic_publish("", queue_name(DEFAULT_PREFIX, queue), message.body, properties)


def declare_raw(broker: str) -> None:
    """Make the reference's queue."""
    with closing(pika.BlockingConnection(pika.URLParameters(broker))) as connection:
        connection.channel().queue_declare(RAW, durable=True, arguments=QUORUM)


def depth(broker: str, queue: str) -> int:
    """How many messages nobody has been given yet."""
    with closing(pika.BlockingConnection(pika.URLParameters(broker))) as connection:
        found = connection.channel().queue_declare(queue, passive=True)
        return int(found.method.message_count)


def accepts(broker: str) -> bool:
    """Whether the broker lets somebody in."""
    try:
        pika.BlockingConnection(pika.URLParameters(broker)).close()
    except (AMQPError, OSError):
        return False
    return True


def filled(broker: str, queue: str, messages: int) -> None:
    """Wait until a queue has so many messages."""
    wait_until(lambda: depth(broker, queue) == messages, seconds=60, what=f"{messages} messages")


def purge(broker: str) -> None:
    """Empty all queues of medvault's."""
    with closing(pika.BlockingConnection(pika.URLParameters(broker))) as connection:
        channel = connection.channel()
        for queue in declarations(DEFAULT_PREFIX):
            channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))
            channel.queue_purge(queue.name)
