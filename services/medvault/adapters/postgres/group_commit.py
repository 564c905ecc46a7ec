"""The inbox's fast way in: all webhooks that wait go into one statement and one commit."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_READ, POLL_WRITE, connection, make_dsn, parse_dsn

from medvault.adapters.postgres import arrays
from medvault.adapters.postgres.inbox import ADD
from medvault.domain.errors import Unavailable
from medvault.domain.updates import SealedUpdate

# PostgreSQL reads one long value much faster than an array of as many bytes.
_ADD = ADD.format(
    keys="%(keys)s::uuid[]",
    subjects="%(subjects)s::uuid[]",
    kinds="%(kinds)s::text[]",
    contents="""ARRAY(
        SELECT substr(%(contents)s, start, length)
        FROM unnest(%(starts)s::integer[], %(lengths)s::integer[]) AS c (start, length)
    )""",
)
ANSWER_WITHIN = 0.150
_GIVE_UP_AFTER = 1.0
_PAUSE = 0.5
_MOST_AT_ONCE = 2000


@dataclass(slots=True)
class _Waiting:
    """The webhooks that the next commit takes, and the future that all of them wait for."""

    committed: asyncio.Future[None]
    updates: list[SealedUpdate] = field(default_factory=list)


class GroupCommit:
    """Commits updates on one asynchronous connection, one commit in flight at a time.

    While a commit is under way the next one gathers. A caller waits at most `ANSWER_WITHIN`
    seconds; after a failure callers are refused at once until the database has answered again.
    """

    def __init__(self, url: str) -> None:
        options = "-c statement_timeout=5000"
        self._dsn = make_dsn(**parse_dsn(url), connect_timeout=2, options=options)
        self._connection: connection | None = None
        self._next: _Waiting | None = None
        self._current: _Waiting | None = None
        self._wake = asyncio.Event()
        self._available = False
        self._writer: asyncio.Task[None] | None = None
        self._started = asyncio.Event()

    async def start(self) -> None:
        """Start committing; returns once the first try to connect has ended either way."""
        self._writer = asyncio.create_task(self._write())
        await self._started.wait()

    async def stop(self) -> None:
        """Commit what waits, then close."""
        deadline = time.monotonic() + _GIVE_UP_AFTER
        while time.monotonic() < deadline:
            last = self._next or self._current
            if last is None or last.committed.done():
                break
            await asyncio.wait([last.committed])
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        self._close()

    async def add(self, updates: Sequence[SealedUpdate]) -> None:
        """Commit updates, known keys ignored; raises `Unavailable` in time for the answer."""
        if not self._available:
            raise Unavailable("database")
        waiting = self._next
        if waiting is None:
            waiting = self._next = self._gather()
        waiting.updates.extend(updates)
        await asyncio.shield(waiting.committed)

    def _gather(self) -> _Waiting:
        """Open the next group; one timer serves all who join it."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(loop.create_future())
        loop.call_later(ANSWER_WITHIN, self._too_late, waiting)
        self._wake.set()
        return waiting

    def _too_late(self, waiting: _Waiting) -> None:
        if not waiting.committed.done():
            self._available = False
            _refuse(waiting)

    async def _write(self) -> None:
        while True:
            try:
                connected = self._connection or await self._connect()
                self._available = True
                self._started.set()
                await self._commit_next(connected)
            except (psycopg2.Error, OSError, ValueError):
                self._fail()
                self._started.set()
                await asyncio.sleep(_PAUSE)

    async def _commit_next(self, connected: connection) -> None:
        await self._wake.wait()
        self._wake.clear()
        waiting, self._next = self._next, None
        if waiting is None:
            return
        self._current = waiting
        try:
            async with asyncio.timeout(_GIVE_UP_AFTER):
                for first in range(0, len(waiting.updates), _MOST_AT_ONCE):
                    await _insert(connected, waiting.updates[first : first + _MOST_AT_ONCE])
        except BaseException:
            _refuse(waiting)
            raise
        finally:
            self._current = None
        if not waiting.committed.done():
            waiting.committed.set_result(None)

    async def _connect(self) -> connection:
        async with asyncio.timeout(_GIVE_UP_AFTER):
            self._connection = psycopg2.connect(self._dsn, async_=True)
            await _answered(self._connection)
        return self._connection

    def _fail(self) -> None:
        self._available = False
        waiting, self._next = self._next, None
        if waiting is not None:
            _refuse(waiting)
        self._close()

    def _close(self) -> None:
        broken, self._connection = self._connection, None
        if broken is not None:
            broken.close()

    def check(self) -> None:
        """Raise `Unavailable` while commits are refused."""
        if not self._available:
            raise Unavailable("database")


def _refuse(waiting: _Waiting) -> None:
    if not waiting.committed.done():
        waiting.committed.set_exception(Unavailable("database"))
        waiting.committed.exception()


def _columns(updates: Sequence[SealedUpdate]) -> dict[str, object]:
    """Return the updates as array literals; their contents in one value, and where each begins."""
    lengths = [len(update.content) for update in updates]
    return {
        "keys": arrays.uuids([update.key for update in updates]),
        "subjects": arrays.uuids([update.subject for update in updates]),
        "kinds": arrays.words([update.kind for update in updates]),
        "contents": b"".join([update.content for update in updates]),
        "starts": arrays.numbers(accumulate(lengths[:-1], initial=1)),
        "lengths": arrays.numbers(lengths),
    }


async def _insert(connected: connection, updates: Sequence[SealedUpdate]) -> None:
    with connected.cursor() as cursor:
        cursor.execute(_ADD, _columns(updates))
        await _answered(connected)


async def _answered(conn: connection) -> None:
    """Wait until libpq has finished what it was told (psycopg2's asynchronous mode)."""
    loop = asyncio.get_running_loop()
    while (state := conn.poll()) != POLL_OK:
        ready = loop.create_future()
        fd = conn.fileno()
        if state == POLL_READ:
            loop.add_reader(fd, _resolve, ready)
        elif state == POLL_WRITE:
            loop.add_writer(fd, _resolve, ready)
        try:
            await ready
        finally:
            loop.remove_reader(fd)
            loop.remove_writer(fd)


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
