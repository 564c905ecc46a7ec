"""The true events, for an independent checker: every webhook sent, every send accepted."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from medvault.simulator.webhooks import StatusUpdate, Update


@dataclass(slots=True)
class Attempt:
    """One POST and its answer: `status` is None when none came; times in seconds.

    `server_timing` is the header in which a server may say what it did (W3C, Server Timing).
    """

    status: int | None
    at: float
    monotonic: float
    seconds: float
    server_timing: str | None = None

    def shown(self) -> dict[str, Any]:
        """The attempt as the control API answers it."""
        return {
            "status": self.status,
            "at": self.at,
            "monotonic": self.monotonic,
            "seconds": self.seconds,
            "server_timing": self.server_timing,
        }


@dataclass(slots=True)
class Post:
    """One webhook: its updates and every attempt at delivering them.

    `state`: waiting, answered (200) or given_up. `body` is dropped when it is settled.
    """

    updates: Sequence[Update]
    ordered: bool
    body: bytes
    opened: float
    duplicate_of: int | None = None
    seq: int = 0
    id: int = 0
    state: str = "waiting"
    attempts: list[Attempt] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """The record as the control API answers it."""
        return {
            "seq": self.seq,
            "id": self.id,
            "state": self.state,
            "duplicate_of": self.duplicate_of,
            "messages": [u.key for u in self.updates if not isinstance(u, StatusUpdate)],
            "statuses": [u.key for u in self.updates if isinstance(u, StatusUpdate)],
            "attempts": [attempt.shown() for attempt in self.attempts],
        }


@dataclass(slots=True)
class AcceptedSend:
    """A send Meta took. `answered`: the 200 went out, no fault ate or replaced it.

    `misdirected`: `to` had no `+`, so it went to `delivered_to`, somebody else's number.
    """

    wamid: str
    recipient: str
    delivered_to: str | None
    type: str
    opaque: str | None
    media_ids: tuple[str, ...]
    sha256: str
    at: float
    monotonic: float
    misdirected: bool = False
    answered: bool = True
    seq: int = 0

    def shown(self) -> dict[str, Any]:
        """The record as the control API answers it."""
        return {
            "seq": self.seq,
            "wamid": self.wamid,
            "recipient": self.recipient,
            "delivered_to": self.delivered_to,
            "type": self.type,
            "biz_opaque_callback_data": self.opaque,
            "media_ids": self.media_ids,
            "sha256": self.sha256,
            "at": self.at,
            "monotonic": self.monotonic,
            "misdirected": self.misdirected,
            "answered": self.answered,
        }


@dataclass(frozen=True, slots=True)
class Remembered:
    """A record of before a restart, as it was last shown."""

    record: dict[str, Any]

    @property
    def seq(self) -> int:
        """When it last changed."""
        return int(self.record["seq"])

    def shown(self) -> dict[str, Any]:
        """The record as the control API answers it."""
        return self.record


Keep = Callable[[str, dict[str, Any]], None]


class Ledger:
    """Records in the order of their last change; `seq` grows with every change.

    `keep` is told of every change that a restart must not undo: kind, and the record as shown.
    """

    def __init__(self, clock: Callable[[], float], keep: Keep | None = None) -> None:
        self._clock = clock
        self._keep = keep
        self._seq = 0
        self._posts: dict[int, Post | Remembered] = {}
        self._sends: dict[str, AcceptedSend | Remembered] = {}

    def remember(self, kind: str, record: dict[str, Any]) -> None:
        """Put a kept record back, a later one of the same thing in place of an earlier one."""
        self._seq = max(self._seq, record["seq"])
        if kind == "posted":
            self._posts.pop(record["id"], None)
            self._posts[record["id"]] = Remembered(record)
        else:
            self._sends.pop(record["wamid"], None)
            self._sends[record["wamid"]] = Remembered(record)

    def open(self, post: Post) -> None:
        """Begin the record of a webhook; gives it its id."""
        self._seq += 1
        post.id = post.seq = self._seq
        self._posts[post.id] = post

    def attempted(
        self, post: Post, status: int | None, started: float, server_timing: str | None = None
    ) -> None:
        """Add an attempt that began at the monotonic time `started` and ended now."""
        took = time.monotonic() - started
        at = self._clock() - took
        post.attempts.append(Attempt(status, at, started, took, server_timing))
        self._touch(post)

    def settle(self, post: Post, state: str) -> None:
        """Close the record of a webhook."""
        post.state = state
        post.body = b""
        self._touch(post)

    def accept(self, send: AcceptedSend) -> None:
        """Record an accepted send."""
        self._seq += 1
        send.seq = self._seq
        self._sends[send.wamid] = send
        if self._keep is not None:
            self._keep("sent", send.shown())

    def unanswered(self, wamid: str) -> None:
        """Its answer was dropped or replaced by a fault."""
        send = self._sends[wamid]
        if isinstance(send, AcceptedSend):
            del self._sends[wamid]
            send.answered = False
            self.accept(send)

    def shown(self, since: int = 0) -> dict[str, Any]:
        """Everything that changed after `since`, and the `seq` to ask for next."""
        return {
            "seq": self._seq,
            "webhooks": _changed(self._posts, since),
            "sends": _changed(self._sends, since),
        }

    def _touch(self, post: Post) -> None:
        self._seq += 1
        post.seq = self._seq
        del self._posts[post.id]
        self._posts[post.id] = post
        if self._keep is not None:
            self._keep("posted", post.shown())


def _changed(records: "dict[Any, Any]", since: int) -> list[dict[str, Any]]:
    found = []
    for record in reversed(records.values()):
        if record.seq <= since:
            break
        found.append(record.shown())
    found.reverse()
    return found
