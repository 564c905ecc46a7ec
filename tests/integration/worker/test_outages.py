"""The broker dies, freezes, chokes or was never there."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pika
import pytest

from medvault.adapters.amqp.publisher import AmqpPublisher
from medvault.adapters.amqp.threaded import ThreadedPublisher
from medvault.domain.errors import Unavailable
from medvault.ports import Check, Queue
from support.queues import declare
from support.scripted_handler import ScriptedHandler
from support.scripted_worker import ScriptedWorker
from support.servers.machine import program
from support.servers.rabbitmq import PrivateRabbitMQ
from support.servers.waiting import wait_until

BACK = 3.0
"""Seconds in which everything works again after the broker does."""


@pytest.fixture(scope="module")
def broker() -> Iterator[PrivateRabbitMQ]:
    with PrivateRabbitMQ() as server:
        yield server


@pytest.fixture
def url(broker: PrivateRabbitMQ) -> str:
    url = broker.new_vhost()
    declare(url)
    return url


def test_publisher_and_worker_are_back_soon_after_the_broker_and_nothing_confirmed_is_lost(
    broker: PrivateRabbitMQ, url: str, handler: ScriptedHandler
) -> None:
    release, declared = handler.hold(), time.time()
    publisher = started(ThreadedPublisher(url))
    with ScriptedWorker(url, handler):
        publisher.wake(Queue.INBOUND, [uuid4()])
        handler.expect_begun()
        spilled = [uuid4() for _ in range(20)]
        asyncio.run(spill(url, *(id.bytes for id in spilled)))
        broker.let_it_note_its_queues(declared)
        broker.kill()
        wait_until(lambda: not passes(publisher.check), seconds=5, what="loss noticed")
        publisher.wake(Queue.INBOUND, [uuid4()])
        wait_until(lambda: publisher.dropped, seconds=1, what="wake-up dropped")
        release()
        broker.start()
        wait_until(lambda: passes(publisher.check), seconds=BACK, what="publisher back")
        woken = uuid4()
        publisher.wake(Queue.INBOUND, [woken])
        handler.expect([woken, *spilled], seconds=BACK)
    publisher.stop()


def test_a_frozen_broker_holds_nobody_up_for_more_than_the_time_out(
    broker: PrivateRabbitMQ,
    url: str,
) -> None:
    async def spill_into_ice() -> float:
        publisher = AmqpPublisher(url, confirm_timeout=0.3)
        await publisher.start()
        await connected(publisher)
        broker.pause()
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await publisher.spill(b"sealed")
        publisher.wake(Queue.INBOUND, [uuid4()])
        took = time.monotonic() - began
        broker.resume()
        await publisher.spill(b"sealed")
        await publisher.stop()
        return took

    assert asyncio.run(spill_into_ice()) < 0.6


@pytest.mark.alone
def test_a_frozen_broker_does_not_fill_the_memory(broker: PrivateRabbitMQ, url: str) -> None:
    async def spill_much() -> None:
        publisher = AmqpPublisher(url, confirm_timeout=0.2)
        await publisher.start()
        await connected(publisher)
        broker.pause()
        for _ in range(8):
            with pytest.raises(Unavailable):
                await publisher.spill(bytes(4 << 20))
        publisher.wake(Queue.INBOUND, [uuid4()])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert publisher.dropped == 1
        broker.resume()
        await publisher.stop()

    began = time.monotonic()
    asyncio.run(spill_much())
    assert time.monotonic() - began < 8 * 0.2 + 2, "past the limit nobody waits"


@pytest.mark.alone
def test_a_broker_that_blocks_publishers_refuses_at_once(broker: PrivateRabbitMQ, url: str) -> None:
    async def spill_into_alarm() -> float:
        publisher = AmqpPublisher(url, confirm_timeout=0.5)
        await publisher.start()
        await connected(publisher)
        await asyncio.to_thread(ctl, broker, "set_vm_memory_high_watermark", "0")
        with pytest.raises(Unavailable):
            await publisher.spill(b"sealed")
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await publisher.spill(b"sealed")
        took = time.monotonic() - began
        await asyncio.to_thread(ctl, broker, "set_vm_memory_high_watermark", "0.9")
        assert await spills_within(BACK, publisher)
        await publisher.stop()
        return took

    assert asyncio.run(spill_into_alarm()) < 0.1


@pytest.mark.alone
def test_without_a_broker_everything_is_refused_at_once_and_stops_at_once() -> None:
    async def nobody() -> None:
        publisher = AmqpPublisher("amqp://127.0.0.1:9/")
        await publisher.start()
        with pytest.raises(Unavailable):
            publisher.check()
        with pytest.raises(Unavailable):
            await publisher.spill(b"sealed")
        publisher.wake(Queue.INBOUND, [uuid4(), uuid4()])
        await publisher.stop()
        assert publisher.dropped == 2

    began = time.monotonic()
    asyncio.run(nobody())
    assert time.monotonic() - began < 1


def test_a_worker_whose_queue_was_deleted_declares_it_again(
    url: str, handler: ScriptedHandler
) -> None:
    publisher = started(ThreadedPublisher(url))
    with ScriptedWorker(url, handler):
        first, second = uuid4(), uuid4()
        publisher.wake(Queue.OUTBOUND, [first])
        handler.expect([first])
        with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
            connection.channel().queue_delete("medvault.outbound")
            wait_until(
                lambda: exists(connection, "medvault.outbound"), seconds=BACK, what="the queue"
            )
        publisher.wake(Queue.OUTBOUND, [second])
        handler.expect([second])
    publisher.stop()


def exists(connection: pika.BlockingConnection, queue: str) -> bool:
    try:
        connection.channel().queue_declare(queue, passive=True)
    except pika.exceptions.ChannelClosedByBroker:
        return False
    return True


def started(publisher: ThreadedPublisher) -> ThreadedPublisher:
    publisher.start()
    wait_until(lambda: passes(publisher.check), seconds=10, what="connection")
    return publisher


async def connected(publisher: AmqpPublisher) -> None:
    await asyncio.to_thread(
        wait_until, lambda: passes(publisher.check), seconds=10, what="connection"
    )


async def spill(url: str, *bodies: bytes) -> None:
    publisher = AmqpPublisher(url)
    await publisher.start()
    await connected(publisher)
    await asyncio.gather(*(publisher.spill(body) for body in bodies))
    await publisher.stop()


async def spills_within(seconds: float, publisher: AmqpPublisher) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            await publisher.spill(b"sealed")
        except Unavailable:
            await asyncio.sleep(0.02)
        else:
            return True
    return False


def passes(check: Check) -> bool:
    try:
        check()
    except Unavailable:
        return False
    return True


def ctl(broker: PrivateRabbitMQ, *command: str) -> None:
    """Runs rabbitmqctl on a private node."""
    subprocess.run(
        [
            program("rabbitmqctl", folders="/usr/lib/rabbitmq/bin", missing="rabbitmqctl"),
            "--node",
            f"{Path(broker.directory).name}@localhost",
            *command,
        ],
        env=broker.environment(),
        cwd=broker.directory,
        check=True,
        capture_output=True,
        timeout=20,
    )
