"""The database is away for longer than the broker lets anybody hold a message."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID, uuid4

import pika
import pytest

from medvault.adapters.amqp.publisher import AmqpPublisher
from medvault.domain.errors import Unavailable
from support.queues import declare
from support.scripted_handler import ScriptedHandler
from support.scripted_worker import ScriptedWorker
from support.servers.rabbitmq import PrivateRabbitMQ, RabbitMQ
from support.servers.waiting import wait_until

TIMEOUT = 1.0
"""Seconds after which the broker ends a consumer that holds a message; 1800 if it is not told."""
IMPATIENT = "MEDVAULT_TEST_AMQP_TIMEOUT"
"""Says in how many seconds the broker of MEDVAULT_TEST_AMQP_URL does."""
WEBHOOKS = 13


@pytest.fixture(scope="module")
def broker(request: pytest.FixtureRequest) -> Iterator[RabbitMQ]:
    if os.environ.get(IMPATIENT):
        yield request.getfixturevalue("rabbitmq")
    else:
        with PrivateRabbitMQ(consumer_timeout=TIMEOUT) as server:
            yield server


@pytest.fixture
def url(broker: RabbitMQ) -> Iterator[str]:
    url = broker.new_vhost()
    declare(url)
    yield url
    broker.delete_vhost(url)


def ready(url: str, queue: str = "intake") -> int:
    """How many messages of a queue nobody holds."""
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        declared = connection.channel().queue_declare(f"medvault.{queue}", passive=True)
        count: int = declared.method.message_count
        return count


def spilled(url: str, count: int) -> list[UUID]:
    """Webhooks that the broker took in, in their order."""
    ids = [uuid4() for _ in range(count)]

    async def spill() -> None:
        publisher = AmqpPublisher(url, confirm_timeout=10)
        await publisher.start()
        await asyncio.to_thread(
            wait_until, lambda: connected(publisher), seconds=10, what="connection"
        )
        for id in ids:
            await publisher.spill(id.bytes)
        await publisher.stop()

    asyncio.run(spill())
    return ids


def connected(publisher: AmqpPublisher) -> bool:
    try:
        publisher.check()
    except Unavailable:
        return False
    return True


def let_time_out(url: str) -> None:
    """Holds another message until the broker takes it back."""
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", "medvault.outbound.dead", b"")
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="timed out"):
            for _ in channel.consume("medvault.outbound.dead"):
                pass


def test_nothing_is_held_while_the_database_is_away_and_all_is_handled_in_order_after(
    url: str, handler: ScriptedHandler
) -> None:
    comes_back = handler.take_database_away()
    with ScriptedWorker(url, handler) as first, ScriptedWorker(url, handler) as second:
        ids = spilled(url, WEBHOOKS)
        handler.expect_begun()
        wait_until(lambda: ready(url) == WEBHOOKS, seconds=15, what="all given back")
        later = spilled(url, WEBHOOKS)
        for _ in range(2):
            let_time_out(url)
            assert ready(url) == 2 * WEBHOOKS
        comes_back()
        handler.expect([*ids, *later])
        assert "PRECONDITION_FAILED" not in first.log + second.log
    order = list(dict.fromkeys(handler.handled))
    assert order == [*ids, *later]
    assert ready(url, "intake.dead") == 0


def test_who_holds_a_message_for_too_long_loses_its_channel(
    url: str, handler: ScriptedHandler
) -> None:
    """The control: such a broker as this takes back what is held."""
    release = handler.hold()
    with ScriptedWorker(url, handler) as worker:
        ids = spilled(url, 1)
        handler.expect_begun()
        for _ in range(2):  # the broker looks at each channel by a clock of its own
            let_time_out(url)
        release()
        wait_until(lambda: handler.handled == ids * 2, seconds=15, what="a second time")
        assert "PRECONDITION_FAILED" in worker.log
