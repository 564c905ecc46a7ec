"""The behaviour that only the broker of a single process has."""

import asyncio
import threading
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from medvault.adapters.local.broker import MAX_WAITING, LocalBroker
from medvault.domain.errors import Unavailable
from medvault.ports import Queue


class Held:
    """A handler that begins and waits until it is released."""

    def __init__(self) -> None:
        self.batches: list[list[UUID]] = []
        self.begun = threading.Event()
        self.released = threading.Event()

    def __call__(self, ids: Sequence[UUID]) -> None:
        self.batches.append(list(ids))
        self.begun.set()
        assert self.released.wait(10)


def test_a_wake_up_for_an_id_that_waits_is_merged_and_stopping_handles_what_waits() -> None:
    broker, handler = LocalBroker(), Held()
    broker.subscribe(Queue.INBOUND, handler)
    first, second, third = (uuid4() for _ in range(3))
    broker.wake(Queue.INBOUND, [first])
    assert handler.begun.wait(5)
    for ids in ([second], [third, second], [first]):
        broker.wake(Queue.INBOUND, ids)
    handler.released.set()
    broker.stop()
    assert handler.batches == [[first], [second, third, first]]
    with pytest.raises(Unavailable):
        broker.check()


def test_a_full_queue_and_an_unknown_one_drop_and_count() -> None:
    broker, handler = LocalBroker(), Held()
    broker.subscribe(Queue.INBOUND, handler)
    broker.wake(Queue.OUTBOUND, [uuid4()])
    assert broker.dropped == 1
    broker.wake(Queue.INBOUND, [uuid4()])
    assert handler.begun.wait(5)
    broker.wake(Queue.INBOUND, [UUID(int=number) for number in range(MAX_WAITING + 2)])
    assert broker.dropped == 3
    handler.released.set()
    broker.stop()


def test_a_webhook_that_is_not_stored_is_refused() -> None:
    broker = LocalBroker(spill_timeout=0.1)
    with pytest.raises(Unavailable):
        asyncio.run(broker.spill(b"nobody there"))

    def fail(sealed: Sequence[bytes]) -> None:
        raise ValueError

    broker.subscribe_intake(fail)
    with pytest.raises(Unavailable):
        asyncio.run(broker.spill(b"fails"))
    broker.stop()


def test_a_webhook_that_is_stored_too_late_is_refused() -> None:
    broker, released = LocalBroker(spill_timeout=0.05), threading.Event()
    broker.subscribe_intake(lambda _: assert_true(released.wait(10)))
    with pytest.raises(Unavailable):
        asyncio.run(broker.spill(b"slow"))
    released.set()
    broker.stop()


def assert_true(value: object) -> None:
    assert value
