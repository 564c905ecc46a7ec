"""However a worker ends, what it was given is handled."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from medvault.adapters.amqp.messages import IDS_PER_MESSAGE
from medvault.adapters.amqp.threaded import ThreadedPublisher
from medvault.ports import Queue
from support.scripted_handler import ScriptedHandler
from support.scripted_worker import ScriptedWorker
from support.servers.waiting import wait_until


@pytest.mark.parametrize("queue", [Queue.INBOUND, Queue.MEDIA])
def test_what_a_killed_worker_held_is_delivered_again(
    queue: Queue, amqp_url: str, publisher: ThreadedPublisher, handler: ScriptedHandler
) -> None:
    ids = [uuid4() for _ in range(40)]
    release = handler.hold()
    with ScriptedWorker(amqp_url, handler, media=queue is Queue.MEDIA) as worker:
        publisher.wake(queue, ids)
        handler.expect_begun()
        worker.kill()
    assert not handler.handled
    release()
    with ScriptedWorker(amqp_url, handler, media=queue is Queue.MEDIA):
        handler.expect(ids)


@pytest.mark.parametrize("queue", [Queue.INBOUND, Queue.MEDIA])
def test_a_worker_told_to_end_finishes_what_runs_and_gives_back_the_rest(
    queue: Queue,
    amqp_url: str,
    publisher: ThreadedPublisher,
    handler: ScriptedHandler,
    depth: Callable[[str], int],
) -> None:
    release = handler.hold()
    with ScriptedWorker(amqp_url, handler, media=queue is Queue.MEDIA) as worker:
        publisher.wake(queue, [uuid4()])
        handler.expect_begun()
        rest = [uuid4() for _ in range(40)]
        publisher.wake(queue, rest)
        worker.terminate()
        wait_until(lambda: "Warm shutdown" in worker.log, seconds=5, what="first signal")
        worker.terminate()
        release()
        assert worker.wait() == 0
    assert sorted(handler.batches) == sorted(handler.began), "nothing was given up"
    left = {id for id in rest if id not in handler.handled}
    per_message = 1 if queue is Queue.MEDIA else IDS_PER_MESSAGE
    name = f"medvault.{queue.value}"
    assert depth(name) * per_message >= len(left) > (depth(name) - 1) * per_message
    with ScriptedWorker(amqp_url, handler, media=queue is Queue.MEDIA):
        handler.expect(rest)
    assert len(handler.handled) == len(set(handler.handled)), "what was done is done once"


def test_a_worker_can_be_ended_while_it_waits_for_the_broker(handler: ScriptedHandler) -> None:
    with ScriptedWorker("amqp://127.0.0.1:9/", handler) as worker:
        wait_until(lambda: "broker_lost" in worker.log, seconds=10, what="an attempt")
        worker.terminate()
        assert worker.wait() == 0
