"""Queue depths: by them workers are scaled."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from medvault.ports.broker import Queue


class Depth(NamedTuple):
    """The rows of a queue that wait for a worker, and those that workers have leased."""

    waiting: int
    in_work: int


class Depths(Protocol):
    """The queues' rows in the database; wake-ups in the broker tell nothing of how many."""

    def measure(self, most: int) -> Mapping[Queue, Depth]:
        """Count the rows of every queue with workers, of each kind of rows up to `most`."""
        ...
