"""The promises of every broker, whether it is RabbitMQ with Celery or threads of this process."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from medvault.adapters.amqp.messages import IDS_PER_MESSAGE
from medvault.adapters.amqp.publisher import AmqpPublisher
from medvault.adapters.amqp.threaded import ThreadedPublisher
from medvault.adapters.local.broker import LocalBroker
from medvault.domain.errors import Unavailable
from medvault.ports import Check, Queue, Waker
from support.queues import declare
from support.scripted_handler import ScriptedHandler
from support.scripted_worker import ScriptedWorker
from support.servers.waiting import wait_until


class Local:
    """The broker of a single process, with a subscriber to every queue."""

    def __init__(self, handler: ScriptedHandler) -> None:
        self._broker = LocalBroker()
        self.waker: Waker = self._broker
        self._broker.subscribe(Queue.INBOUND, handler)
        self._broker.subscribe(Queue.OUTBOUND, handler)
        self._broker.subscribe(Queue.MEDIA, handler, max_ids=1, workers=4)
        self._broker.subscribe_intake(lambda sealed: handler([UUID(bytes=one) for one in sealed]))

    def spill(self, sealed: bytes) -> None:
        asyncio.run(self._broker.spill(sealed))

    def close(self) -> None:
        self._broker.stop()


class Amqp:
    """RabbitMQ, with a publisher here and two workers elsewhere."""

    def __init__(self, url: str, handler: ScriptedHandler) -> None:
        self._url = url
        declare(url)
        self._publisher = ThreadedPublisher(url)
        self._publisher.start()
        self.waker: Waker = self._publisher
        self._workers = [ScriptedWorker(url, handler, media=media) for media in (False, True)]
        wait_for(self._publisher.check)

    def spill(self, sealed: bytes) -> None:
        asyncio.run(self._spill(sealed))

    async def _spill(self, sealed: bytes) -> None:
        publisher = AmqpPublisher(self._url)
        await publisher.start()
        await asyncio.to_thread(wait_for, publisher.check)
        await publisher.spill(sealed)
        await publisher.stop()

    def close(self) -> None:
        self._publisher.stop()
        for worker in self._workers:
            worker.kill()


@pytest.fixture
def handler(tmp_path: Path) -> ScriptedHandler:
    return ScriptedHandler(tmp_path)


@pytest.fixture(params=["local", "amqp"])
def broker(request: pytest.FixtureRequest, handler: ScriptedHandler) -> Iterator[Local | Amqp]:
    if request.param == "local":
        broker: Local | Amqp = Local(handler)
    else:
        broker = Amqp(request.getfixturevalue("amqp_url"), handler)
    yield broker
    broker.close()


def test_every_id_that_was_woken_is_handled(broker: Local | Amqp, handler: ScriptedHandler) -> None:
    queues = {queue: [uuid4() for _ in range(50)] for queue in Queue if queue is not Queue.INTAKE}
    for queue, ids in queues.items():
        broker.waker.wake(queue, ids)
    handler.expect([id for ids in queues.values() for id in ids])
    media = set(queues[Queue.MEDIA])
    assert all(len(batch) == 1 for batch in handler.batches if media & set(batch))


def test_what_arrives_during_a_batch_becomes_the_next_one(
    broker: Local | Amqp, handler: ScriptedHandler
) -> None:
    release = handler.hold()
    broker.waker.wake(Queue.INBOUND, [uuid4()])
    handler.expect_begun()
    ids = [uuid4() for _ in range(30)]
    for id in ids:
        broker.waker.wake(Queue.INBOUND, [id])
    release()
    handler.expect(ids)
    assert handler.handled[1:] == ids
    assert len(handler.batches) < 10


def test_a_poisonous_wake_up_does_not_take_the_others_with_it(
    broker: Local | Amqp, handler: ScriptedHandler
) -> None:
    release = handler.hold()
    broker.waker.wake(Queue.INBOUND, [uuid4()])
    handler.expect_begun()
    poisonous, *others = ([uuid4() for _ in range(IDS_PER_MESSAGE)] for _ in range(4))
    handler.poison(poisonous[7])
    for ids in (others[0], poisonous, others[1]):
        broker.waker.wake(Queue.INBOUND, ids)
    release()
    handler.expect([*others[0], *others[1]])
    broker.waker.wake(Queue.INBOUND, others[2])
    handler.expect(others[2])
    assert poisonous[7] not in handler.handled


def test_nothing_is_lost_while_a_dependency_is_away(
    broker: Local | Amqp, handler: ScriptedHandler
) -> None:
    give_back = handler.take_database_away()
    ids = [uuid4() for _ in range(200)]
    for id in ids:
        broker.waker.wake(Queue.INBOUND, [id])
    handler.expect_begun()
    give_back()
    handler.expect(ids)


def test_a_spilled_webhook_reaches_intake(broker: Local | Amqp, handler: ScriptedHandler) -> None:
    sealed = uuid4()
    broker.spill(sealed.bytes)
    handler.expect([sealed])


def answers(check: Check) -> bool:
    try:
        check()
    except Unavailable:
        return False
    return True


def wait_for(check: Check) -> None:
    wait_until(lambda: answers(check), seconds=10, what="an answer")
