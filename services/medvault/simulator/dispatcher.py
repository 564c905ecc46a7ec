"""Delivers webhooks: bounded concurrency, retries, one user's messages in order."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

import aiohttp

from medvault.simulator.account import Account
from medvault.simulator.disturbance import Disturbance
from medvault.simulator.faults import FaultDice
from medvault.simulator.ledger import Ledger, Post
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.webhooks import (
    MAX_BYTES,
    MAX_UPDATES,
    MessageUpdate,
    StatusUpdate,
    Update,
    envelope,
    signature,
)

Settled = Callable[[Sequence[Update]], None]


class Dispatcher:
    """Posts updates until each is answered 200, or was refused for `retry_for` seconds.

    A user's next message leaves after the one before it was answered, as from a phone, unless
    faults disturb the order. Statuses use a quarter of the connections; when they pile up they
    share POSTs. `settled` is called with the updates of every POST that was answered 200.
    """

    def __init__(
        self,
        options: SimulatorOptions,
        account: Account,
        ledger: Ledger,
        dice: FaultDice,
        settled: Settled,
    ) -> None:
        self._options = options
        self._account = account
        self._ledger = ledger
        self._dice = dice
        self._settled = settled
        self._disturbance = Disturbance(dice, self._release)
        self._lanes: dict[str, deque[MessageUpdate] | None] = {}
        self._ready: deque[Post] = deque()
        self._statuses: deque[StatusUpdate] = deque()
        self._status_slots = max(1, options.webhook_concurrency // 4)
        self._status_posts: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsettled = 0
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._options.webhook_timeout),
            headers={"Content-Type": "application/json", "User-Agent": "facebookexternalua"},
        )
        self._pump()

    async def stop(self) -> None:
        """Stop posting at once; posts that were not answered stay unanswered."""
        session, self._session = self._session, None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if session is not None:
            await session.close()

    def submit(self, updates: Sequence[Update]) -> None:
        """Have these updates delivered."""
        kept = [
            u for u in updates if isinstance(u, MessageUpdate) or not self._dice.drops(u.status)
        ]
        if self._dice.disturb_order:
            self._disturbance.submit(kept)
            return
        for update in kept:
            if isinstance(update, StatusUpdate):
                self._statuses.append(update)
            else:
                self._queue(update)
        self._pump()

    def calm(self) -> None:
        """Deliver what faults held back; call it after they were cleared or replaced."""
        self._disturbance.flush()

    @property
    def idle(self) -> bool:
        """Nothing is held back, waiting, under way or to be tried again."""
        return not (self._unsettled or self._statuses or self._disturbance.holding)

    def _queue(self, update: MessageUpdate) -> None:
        if update.lane not in self._lanes:
            self._lanes[update.lane] = None
            self._open([update], ordered=True)
            return
        waiting = self._lanes[update.lane]
        if waiting is None:
            waiting = self._lanes[update.lane] = deque()
        waiting.append(update)

    def _release(self, updates: list[Update]) -> None:
        self._open(updates, ordered=False)
        self._pump()

    def _open(self, updates: Sequence[Update], *, ordered: bool) -> Post:
        body = envelope(self._account, updates)
        if len(body) > MAX_BYTES and len(updates) > 1:
            half = len(updates) // 2
            self._open(updates[:half], ordered=False)
            return self._open(updates[half:], ordered=False)
        post = Post(updates, ordered=ordered, body=body, opened=time.monotonic())
        self._enter(post)
        for _ in range(self._dice.copies()):
            self._enter(Post(updates, False, body, post.opened, duplicate_of=post.id))
        return post

    def _enter(self, post: Post) -> None:
        self._ledger.open(post)
        self._unsettled += 1
        self._ready.append(post)

    def _pump(self) -> None:
        if self._session is None:
            return
        while self._statuses and len(self._status_posts) < self._status_slots:
            free = self._status_slots - len(self._status_posts)
            count = min(MAX_UPDATES, -(-len(self._statuses) // free))
            batch = [self._statuses.popleft() for _ in range(count)]
            self._status_posts.add(self._open(batch, ordered=False).id)
        while self._ready and len(self._tasks) < self._options.webhook_concurrency:
            self._start(self._ready.popleft(), self._session)

    def _start(self, post: Post, session: aiohttp.ClientSession) -> None:
        task = asyncio.get_running_loop().create_task(self._attempt(post, session))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()
        self._pump()

    async def _attempt(self, post: Post, session: aiohttp.ClientSession) -> None:
        started = time.monotonic()
        headers = {"X-Hub-Signature-256": signature(self._account.app_secret, post.body)}
        status: int | None = None
        timing: str | None = None
        try:
            async with session.post(
                self._account.webhook_url, data=post.body, headers=headers, allow_redirects=False
            ) as response:
                await response.read()
                status = response.status
                timing = response.headers.get("Server-Timing")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            status = None
        self._ledger.attempted(post, status, started, timing)
        self._status_posts.discard(post.id)
        if status == 200:
            self._settle(post, "answered")
            self._settled(post.updates)
        elif time.monotonic() - post.opened > self._options.retry_for:
            self._settle(post, "given_up")
        else:
            self._retry_later(post)

    def _retry_later(self, post: Post) -> None:
        tries = len(post.attempts)
        delay = 0.0
        if tries > 1:
            growing = self._options.retry_base * 2 ** min(tries - 2, 30)
            delay = min(self._options.retry_cap, growing)
        asyncio.get_running_loop().call_later(delay, self._retry, post)

    def _retry(self, post: Post) -> None:
        self._ready.append(post)
        self._pump()

    def _settle(self, post: Post, state: str) -> None:
        self._ledger.settle(post, state)
        self._unsettled -= 1
        if not post.ordered:
            return
        for update in post.updates:
            if isinstance(update, StatusUpdate):
                continue
            waiting = self._lanes[update.lane]
            if waiting:
                self._open([waiting.popleft()], ordered=True)
            else:
                del self._lanes[update.lane]
