"""However a worker ends, what it was given is handled."""

from collections.abc import Callable
from uuid import UUID, uuid4

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


def test_a_media_worker_told_to_end_finishes_what_runs_and_gives_back_the_rest(
    amqp_url: str,
    publisher: ThreadedPublisher,
    handler: ScriptedHandler,
    depth: Callable[[str], int],
) -> None:
    rest = end_while_busy(Queue.MEDIA, amqp_url, publisher, handler)
    assert sorted(handler.batches) == sorted(handler.began), "nothing was given up"
    left = {id for id in rest if id not in handler.handled}
    assert depth("medvault.media") == len(left)
    with ScriptedWorker(amqp_url, handler, media=True):
        handler.expect(rest)
    assert len(handler.handled) == len(set(handler.handled)), "what was done is done once"


def test_a_worker_told_to_end_finishes_all_that_it_was_handed(
    amqp_url: str,
    publisher: ThreadedPublisher,
    handler: ScriptedHandler,
    depth: Callable[[str], int],
) -> None:
    rest = end_while_busy(Queue.INBOUND, amqp_url, publisher, handler)
    assert set(rest) <= set(handler.handled)
    assert len(handler.handled) == len(set(handler.handled)), "what was done is done once"
    assert depth("medvault.inbound") == 0


def test_a_worker_told_to_end_gives_back_what_has_to_stay_in_order(
    amqp_url: str,
    publisher: ThreadedPublisher,
    handler: ScriptedHandler,
    depth: Callable[[str], int],
) -> None:
    rest = end_while_busy(Queue.INTAKE, amqp_url, publisher, handler)
    assert not set(rest) & set(handler.handled)
    assert depth("medvault.intake") == -(-len(rest) // IDS_PER_MESSAGE)
    with ScriptedWorker(amqp_url, handler):
        handler.expect(rest)
    assert handler.handled[1:] == rest


def test_a_worker_told_to_end_gives_back_what_waits_for_the_database(
    amqp_url: str,
    publisher: ThreadedPublisher,
    handler: ScriptedHandler,
    depth: Callable[[str], int],
) -> None:
    handler.take_database_away()
    with ScriptedWorker(amqp_url, handler) as worker:
        publisher.wake(Queue.INBOUND, [uuid4()])
        handler.expect_begun()
        worker.terminate()
        assert worker.wait() == 0
    assert depth("medvault.inbound") == 1


def end_while_busy(
    queue: Queue, amqp_url: str, publisher: ThreadedPublisher, handler: ScriptedHandler
) -> list[UUID]:
    """Has a worker end over its first message; returns the ids that came behind."""
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
    return rest


def test_a_worker_can_be_ended_while_it_waits_for_the_broker(handler: ScriptedHandler) -> None:
    with ScriptedWorker("amqp://127.0.0.1:9/", handler) as worker:
        wait_until(lambda: "broker lost" in worker.log, seconds=10, what="an attempt")
        worker.terminate()
        assert worker.wait() == 0
