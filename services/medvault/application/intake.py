"""Intake: a webhook becomes durable before Meta hears 200, whatever happens to it later."""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

import structlog

from medvault.domain.dead_letters import MAX_ATTEMPTS, Failure, Reason
from medvault.domain.errors import Unavailable
from medvault.domain.identifiers import LaneId
from medvault.domain.place import Place
from medvault.domain.updates import STATUSES, SealedUpdate, Update, UpdateKind
from medvault.observability import metrics
from medvault.ports import (
    BlindIndex,
    InboundReader,
    InboxWriter,
    OneWaySealer,
    Queue,
    Sealer,
    Spillway,
    Waker,
)
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction

_LARGE = 64 * 1024
"""Bytes. Cutting a thousand updates takes milliseconds in which no other webhook is answered."""
_LARGE_AT_ONCE = 2
_PIECE = 200
"""Updates: a commit of more would be late for all who share it. Pieces that are stored already are
known by their keys when the webhook comes once more."""
_LARGE_WAITS = 0.3
"""Seconds: a burst makes the database slow, and in the broker it would only take the longer way."""
_LAST_CHANCE = 0.3
"""Seconds: without a broker, a database that is only slow is worth waiting for."""

_SUBJECTS = 10_000
"""People whose index is remembered: a person who writes once writes again."""


log = structlog.get_logger(__name__)


class Splitter:
    """Cuts a webhook into updates and seals each; counts those that were taken in."""

    def __init__(self, reader: InboundReader, sealer: OneWaySealer, index: BlindIndex) -> None:
        self._reader = reader
        self._sealer = sealer
        self._index = index
        self._subject = lru_cache(maxsize=_SUBJECTS)(index)
        self._taken = {kind: metrics.Tally(metrics.webhook_updates[kind]) for kind in UpdateKind}

    def split(self, body: bytes) -> list[SealedUpdate]:
        """Return the sealed updates of a webhook's body."""
        return [self._sealed(update) for update in self._reader.split(body)]

    def _sealed(self, update: Update) -> SealedUpdate:
        key = self._index("update", update.key)
        lane = LaneId(self._subject(*update.sender)) if update.sender else STATUSES
        content = self._sealer.seal(update.content, Place.update(key, lane))
        return SealedUpdate(key, lane, update.kind, content)

    def count(self, taken: Sequence[SealedUpdate]) -> None:
        """Count updates that are durable now, however often they were cut."""
        for update in taken:
            self._taken[update.kind].count()


class Intake:
    """Takes webhooks in: into the inbox, or into the broker while the database can't."""

    def __init__(
        self,
        splitter: Splitter,
        sealer: OneWaySealer,
        inbox: InboxWriter,
        spillway: Spillway,
        waker: Waker,
    ) -> None:
        self._splitter = splitter
        self._sealer = sealer
        self._inbox = inbox
        self._spillway = spillway
        self._waker = waker
        self._turns = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def receive(self, body: bytes) -> bool:
        """Make a webhook durable; raises `Unavailable` when neither place takes it.

        Returns whether it is in the inbox already; if not, the broker has it.
        """
        try:
            if len(body) < _LARGE:
                await self._add(body)
            else:
                async with self._turns:
                    await self._add_large(body)
        except Unavailable:
            if await self._spilled(body):
                return False
            await self._add(body, _LAST_CHANCE)
        return True

    async def _add(self, body: bytes, patience: float = 0) -> None:
        updates = self._splitter.split(body)
        for first in range(0, len(updates), _PIECE):
            piece = updates[first : first + _PIECE]
            await self._inbox.add(piece, patience)
            self._waker.wake(Queue.INBOUND, [update.subject for update in piece])
        self._splitter.count(updates)

    async def _add_large(self, body: bytes) -> None:
        """Add again what the database was late for; it knows by the keys what it has by then."""
        try:
            await self._add(body)
        except Unavailable:
            await self._add(body, _LARGE_WAITS)

    async def _spilled(self, body: bytes) -> bool:
        try:
            await self._spillway.spill(self._sealer.seal(body, Place.webhook()))
        except Unavailable:
            return False
        metrics.intake_spilled.inc()
        return True


class Recorder:
    """Brings spilled webhooks from the broker into the inbox, in the order they came.

    One that was tried before has its attempts counted in the database: the broker counts
    deliveries, and those of what a consumer only held when its connection was lost, too.
    """

    def __init__(
        self, splitter: Splitter, sealer: Sealer, database: Database, waker: Waker
    ) -> None:
        self._splitter = splitter
        self._sealer = sealer
        self._database = database
        self._waker = waker
        self._unspent: dict[UUID, int] = {}

    def record(self, spilled: Sequence[bytes]) -> None:
        """Write webhooks into the inbox; updates that are there already stay as they are."""
        self._record(spilled, ())

    def record_suspects(self, spilled: Sequence[bytes]) -> None:
        """Write webhooks that were tried before, or that the broker has given up.

        The last try of one makes it a dead letter.
        """
        for sealed in spilled:
            id = webhook_id(sealed)
            attempts = self._unspent.pop(id, None) or self._count(id)
            if attempts is not None:
                self._try(id, sealed, attempts)

    def _count(self, id: UUID) -> int | None:
        with self._database.begin(Transaction.COUNT_SPILLED) as work:
            return work.dead_letters.count_webhook(id)

    def _try(self, id: UUID, sealed: bytes, attempts: int) -> None:
        if attempts > MAX_ATTEMPTS:
            self._bury(id, sealed, Failure(Reason.CRASH))
            return
        try:
            self._record([sealed], [id])
        except Unavailable:
            self._unspent[id] = attempts
            raise
        except Exception as error:
            if attempts < MAX_ATTEMPTS:
                raise
            self._bury(id, sealed, Failure.of(error))

    def _bury(self, id: UUID, sealed: bytes, failure: Failure) -> None:
        with self._database.begin(Transaction.BURY_SPILLED) as work:
            work.dead_letters.bury_webhook(id, sealed, failure)
        log.error("webhook set aside", reason=failure.reason)

    def _record(self, spilled: Sequence[bytes], tried: Sequence[UUID]) -> None:
        recorded: list[SealedUpdate] = []
        with self._database.begin(Transaction.RECORD_SPILLED) as work:
            for sealed in spilled:
                updates = self._splitter.split(self._sealer.open(sealed, Place.webhook()))
                work.inbox.add(updates)
                recorded += updates
            for id in tried:
                work.dead_letters.forget_webhook(id)
        self._splitter.count(recorded)
        self._waker.wake(Queue.INBOUND, list(dict.fromkeys(one.subject for one in recorded)))


def webhook_id(sealed: bytes) -> UUID:
    """Return the id that a sealed webhook has wherever it is met."""
    return UUID(bytes=hashlib.sha256(sealed).digest()[:16])
