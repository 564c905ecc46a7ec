"""Quotas: how much of the house's work one patient may ask for, and when the rest goes on.

Above a quota work waits; nothing is refused for it. Each quota is a leaky bucket that is kept as
one time: when it will be empty, if nothing more is put into it. An empty bucket takes the quota of
a whole period at once; a full one takes as much as runs out of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

MEGABYTE = 1_000_000
QUIET = timedelta(hours=1)
"""After so long without being held back, a patient is told of it again."""
LOOK_AGAIN = timedelta(seconds=10)
"""How long a message waits before it is seen whether replies have left."""
HEAVY = 1 / 120
"""This part of the CPU seconds, 10 of them by itself: some twenty photos, or one hostile file."""
TOLD = 8
"""So many messages of a patient are counted before their state is told: not each need save one."""


class Held(StrEnum):
    """The quota that a patient has exceeded."""

    MESSAGES = "messages"
    REPLIES = "replies"
    FILES = "files"
    BYTES = "bytes"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A quota: `most` in a `period`; 0 is no limit."""

    most: float
    period: timedelta

    def lasts(self, amount: float) -> timedelta:
        """How long it takes until `amount` has run out."""
        return self.period * (amount / self.most) if self.most else timedelta(0)

    def filled(self, until: datetime | None, now: datetime, amount: float) -> datetime:
        """When the bucket will be empty, once `amount` is put into it."""
        return (now if until is None else max(until, now)) + self.lasts(amount)

    def free_at(self, until: datetime) -> datetime:
        """When there is room again; a time that has passed where there is."""
        return until - self.period


@dataclass(frozen=True, slots=True)
class Quotas:
    """The quotas that one patient is granted.

    One evening with 300 old reports stays below all of it: 300 files, some 2,000 messages in three
    hours, 1 GB, 300 s of CPU (a phone's scan takes 0.2 to 1 s). The replies are those that may
    wait to be sent: Meta takes 45 at once and then one each six seconds.
    """

    messages: Bucket = field(default=Bucket(120, timedelta(minutes=1)))
    open_replies: int = 60
    files: Bucket = field(default=Bucket(1000, timedelta(days=1)))
    bytes: Bucket = field(default=Bucket(5000 * MEGABYTE, timedelta(days=1)))
    cpu: Bucket = field(default=Bucket(1200, timedelta(hours=1)))


@dataclass(frozen=True, slots=True)
class Used:
    """The part of each quota that a file has used up; `cpu` in seconds."""

    files: int = 0
    bytes: int = 0
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a patient wrote lately, and how many replies that made at most.

    `until` is the bucket of messages, `held_back_at` when one last had to wait.
    """

    until: datetime
    replies: int = 0
    held_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait, with its reason and its end."""

    reason: Held
    until: datetime


def counted(pace: Pace | None, quotas: Quotas, now: datetime, messages: int, replies: int) -> Pace:
    """Count messages that made so many replies."""
    pace = pace or Pace(now)
    until = quotas.messages.filled(pace.until, now, messages)
    return replace(pace, until=until, replies=pace.replies + replies)


def may_be_crowded(pace: Pace | None, quotas: Quotas) -> bool:
    """Whether so many replies may be open that somebody has to look how many are."""
    return bool(quotas.open_replies) and pace is not None and pace.replies >= quotas.open_replies


def message_waits(pace: Pace | None, quotas: Quotas, now: datetime) -> Wait | None:
    """Whether a patient's next message has to wait; `pace.replies` is known to be exact."""
    if pace is None:
        return None
    if may_be_crowded(pace, quotas):
        return Wait(Held.REPLIES, now + LOOK_AGAIN)
    free = quotas.messages.free_at(pace.until)
    return Wait(Held.MESSAGES, free) if free > now else None


def held_back(pace: Pace, now: datetime) -> tuple[Pace, bool]:
    """Note that messages wait; returns whether the patient has to be told."""
    before = pace.held_back_at
    return replace(pace, held_back_at=now), before is None or now - before > QUIET


def is_heavy(cpu_until: datetime | None, quotas: Quotas, now: datetime) -> bool:
    """Whether a patient's files took so much CPU lately that the next one yields to others'."""
    return (
        bool(quotas.cpu.most)
        and cpu_until is not None
        and cpu_until - now > quotas.cpu.period * HEAVY
    )


def file_waits(until: Mapping[Held, datetime], quotas: Quotas, now: datetime) -> Wait | None:
    """Whether a patient's next file has to wait, by when each bucket will be empty."""
    buckets = {Held.FILES: quotas.files, Held.BYTES: quotas.bytes, Held.CPU: quotas.cpu}
    free = {reason: bucket.free_at(until[reason]) for reason, bucket in buckets.items()}
    last = max(free, key=free.__getitem__)
    return Wait(last, free[last]) if free[last] > now else None
