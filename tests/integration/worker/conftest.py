"""A handler to give orders to, a publisher, and a look into the queues."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pika
import pytest

from medvault.adapters.amqp.threaded import ThreadedPublisher
from medvault.domain.errors import Unavailable
from support.queues import declare
from support.scripted_handler import ScriptedHandler
from support.servers.waiting import wait_until

Depth = Callable[[str], int]


@pytest.fixture
def handler(tmp_path: Path) -> ScriptedHandler:
    """A handler whose folder a worker gets."""
    return ScriptedHandler(tmp_path)


@pytest.fixture
def publisher(amqp_url: str) -> Iterator[ThreadedPublisher]:
    """A publisher that is connected, and queues to publish to."""
    declare(amqp_url)
    publisher = ThreadedPublisher(amqp_url)
    publisher.start()
    wait_until(lambda: connected(publisher), seconds=10, what="connection")
    yield publisher
    publisher.stop()


@pytest.fixture
def depth(amqp_url: str) -> Iterator[Depth]:
    """Tells how many messages of a queue nobody has been given."""
    with closing(pika.BlockingConnection(pika.URLParameters(amqp_url))) as connection:
        channel = connection.channel()
        yield lambda queue: channel.queue_declare(queue, passive=True).method.message_count


def connected(publisher: ThreadedPublisher) -> bool:
    """Whether the publisher's check passes."""
    try:
        publisher.check()
    except Unavailable:
        return False
    return True
