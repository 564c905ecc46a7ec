"""The depths of queues are told a few seconds old, or an error is; never a 0 instead."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from medvault.application.queue_depths import FRESH_SECONDS, QueueDepths
from medvault.domain.errors import Unavailable
from medvault.ports.broker import Queue
from medvault.ports.depths import Depth


class Counted:
    """A database that has one queue, and says how often somebody looked."""

    def __init__(self) -> None:
        self.looks = 0
        self.away = False

    @contextmanager
    def begin(self, _: object) -> Iterator[Any]:
        if self.away:
            raise Unavailable("database")
        yield SimpleNamespace(depths=self)

    def measure(self, _: int) -> Mapping[Queue, Depth]:
        self.looks += 1
        return {Queue.MEDIA: Depth(3, self.looks)}

    def check(self) -> None:
        """Nobody asks."""


@pytest.fixture
def database() -> Counted:
    return Counted()


def test_who_asks_often_gets_the_same_answer_for_some_seconds(database: Counted) -> None:
    now = [100.0]
    depths = QueueDepths(database, lambda: now[0])
    first = {"queues": {"media": {"waiting": 3, "in_work": 1, "depth": 4}}}
    assert depths() == depths() == first
    now[0] += FRESH_SECONDS
    assert depths() == {"queues": {"media": {"waiting": 3, "in_work": 2, "depth": 5}}}
    assert database.looks == 2


def test_what_is_no_longer_known_is_not_told(database: Counted) -> None:
    now = [100.0]
    depths = QueueDepths(database, lambda: now[0])
    depths()
    database.away = True
    now[0] += FRESH_SECONDS
    for _ in range(2):
        with pytest.raises(Unavailable):
            depths()
    database.away = False
    assert depths()
