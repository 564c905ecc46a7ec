"""The inbox's fast way in: all webhooks that wait go into one statement and one commit."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from itertools import accumulate

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_READ, POLL_WRITE, connection, make_dsn, parse_dsn
from typing_extensions import override

from medvault import failpoints
from medvault.adapters.postgres import arrays
from medvault.adapters.postgres.inbox import ADD
from medvault.adapters.postgres.refusals import refused
from medvault.adapters.postgres.release import APPLICATION
from medvault.domain.errors import Unavailable
from medvault.domain.updates import SealedUpdate
from medvault.failpoints import OutwardStep
from medvault.observability import metrics
from medvault.ports.broker import InboxWriter

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
_IN_FLIGHT = 2
_MOST_AT_ONCE = 2000


class _Group:
    """The webhooks that one commit takes; each of their callers waits on a future of its own."""

    def __init__(self) -> None:
        self.updates: list[SealedUpdate] = []
        self._callers: list[asyncio.Future[None]] = []
        self.settled = False

    def join(self, updates: Sequence[SealedUpdate]) -> asyncio.Future[None]:
        """Take a caller's updates; the future ends with the commit."""
        self.updates.extend(updates)
        caller = asyncio.get_running_loop().create_future()
        self._callers.append(caller)
        return caller

    def committed(self) -> None:
        """Let all callers go."""
        self.settled = True
        for caller in self._callers:
            if not caller.done():
                caller.set_result(None)

    def refused(self) -> None:
        """Raise `Unavailable` for all who still wait."""
        self.settled = True
        for caller in self._callers:
            if not caller.done():
                caller.set_exception(Unavailable("database"))


class GroupCommit(InboxWriter):
    """Commits updates on two asynchronous connections, all that waits in one statement.

    With one commit in flight the database idles while its answers are passed on; with two it has
    the next one already. A caller waits at most `ANSWER_WITHIN` seconds; after a failure callers
    are refused at once until the database has answered again.
    """

    def __init__(self, url: str) -> None:
        options = "-c statement_timeout=5000"
        known = {"application_name": APPLICATION, "options": options}
        self._dsn = make_dsn(**parse_dsn(url) | known, connect_timeout=2)
        self._next: _Group | None = None
        self._in_flight: set[_Group] = set()
        self._wake = asyncio.Event()
        self._available = asyncio.Event()
        self._said = ""
        self._writers: list[asyncio.Task[None]] = []
        self._started = asyncio.Event()

    async def start(self) -> None:
        """Start committing; returns once the first try to connect has ended either way."""
        self._writers = [asyncio.create_task(self._write()) for _ in range(_IN_FLIGHT)]
        await self._started.wait()

    async def stop(self) -> None:
        """Commit what waits, then close."""
        deadline = time.monotonic() + _GIVE_UP_AFTER
        while time.monotonic() < deadline:
            groups = [*self._in_flight, *([self._next] if self._next else [])]
            open_groups = [group for group in groups if not group.settled]
            if not open_groups:
                break
            await asyncio.wait([group.join(()) for group in open_groups])
        for writer in self._writers:
            writer.cancel()
        await asyncio.gather(*self._writers, return_exceptions=True)

    @override
    async def add(self, updates: Sequence[SealedUpdate], patience: float = 0) -> None:
        if patience and not self._available.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._available.wait()
        self.check()
        group = self._next
        if group is None:
            group = self._next = self._gather()
        await group.join(updates)

    def _gather(self) -> _Group:
        """Open the next group; one timer serves all who join it."""
        group = _Group()
        asyncio.get_running_loop().call_later(ANSWER_WITHIN, self._too_late, group)
        self._wake.set()
        return group

    def _too_late(self, group: _Group) -> None:
        if not group.settled:
            self._available.clear()
            group.refused()

    async def _write(self) -> None:
        while True:
            try:
                with closing(psycopg2.connect(self._dsn, async_=True)) as connected:
                    async with asyncio.timeout(_GIVE_UP_AFTER):
                        await _answered(connected)
                    while True:
                        self._available.set()
                        self._started.set()
                        await self._commit_next(connected)
            except (psycopg2.Error, OSError, ValueError) as error:
                self._fail(str(error))
                self._started.set()
                await asyncio.sleep(_PAUSE)

    async def _commit_next(self, connected: connection) -> None:
        await self._wake.wait()
        self._wake.clear()
        group, self._next = self._next, None
        if group is None:
            return
        self._in_flight.add(group)
        try:
            async with asyncio.timeout(_GIVE_UP_AFTER):
                started = time.perf_counter()
                failpoints.before(OutwardStep.COMMIT_INBOX)
                for first in range(0, len(group.updates), _MOST_AT_ONCE):
                    await _insert(connected, group.updates[first : first + _MOST_AT_ONCE])
                failpoints.after(OutwardStep.COMMIT_INBOX)
        except BaseException:
            group.refused()
            raise
        finally:
            self._in_flight.discard(group)
        group.committed()
        metrics.inbox_commit_seconds.observe(time.perf_counter() - started)

    def _fail(self, said: str) -> None:
        self._available.clear()
        self._said = said
        group, self._next = self._next, None
        if group is not None:
            group.refused()

    def check(self) -> None:
        """Raise `Unavailable` while commits are refused, `Refused` where the login is."""
        if not self._available.is_set():
            raise refused(self._said) or Unavailable("database")


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
