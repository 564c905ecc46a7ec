"""Queues, and the first stop of a webhook."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from medvault.domain.updates import SealedUpdate


class Queue(StrEnum):
    """The queues; wake-ups carry ids and nothing else."""

    INTAKE = "intake"
    INBOUND = "inbound"
    MEDIA = "media"
    OUTBOUND = "outbound"


class Waker(Protocol):
    """Wakes workers. A lost wake-up costs time only: rows that wait too long are woken again."""

    def wake(self, queue: Queue, ids: Sequence[UUID]) -> None:
        """Tell a queue's workers to look at these ids; returns at once and never raises."""
        ...


class InboxWriter(Protocol):
    """The durable first stop of every update."""

    async def add(self, updates: Sequence[SealedUpdate], patience: float = 0) -> None:
        """Commit updates, known keys ignored; raises `Unavailable` in time for the answer.

        A database that is away is waited for `patience` seconds first.
        """
        ...


class Spillway(Protocol):
    """Takes a webhook in while the database can't."""

    async def spill(self, sealed: bytes) -> None:
        """Store a sealed webhook in `intake` durably; raises `Unavailable`."""
        ...
