"""Confirmation by statuses: how long one may take, and which messages will never have one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SAMPLES = 100
RECENT = 500
"""First statuses that are needed to know how late they come, and of how many the latest counts."""
LATER = 10
"""Later messages that must have their statuses before an earlier one without is believed lost."""
ONE_IN = 50
"""Of so many messages one may lack its status for good, and the others still be believed."""
WATCHED = timedelta(seconds=60)
"""So long a time is looked at for messages that Meta took, and that no status tells of."""
REPEATS_LAST = timedelta(hours=24)
"""From the first doubt on: so long Meta takes replies."""
_LEAST_MARGIN = timedelta(seconds=3)
_MARGIN = 6
_GROWTH = 1.5
_LONGEST_PAUSE = timedelta(minutes=15)
_LONGEST_UNHEARD = timedelta(hours=8)
_STEPS = 24


@dataclass(frozen=True, slots=True)
class Told:
    """Messages that had their first status in the second from `at`, the slowest after `longest`."""

    at: datetime
    count: int
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Unheard:
    """Messages that Meta took within `WATCHED` and that no status told of within the bound.

    All statuses that came before `heard_until` are applied.
    """

    count: int
    heard_until: datetime


def bound(told: Sequence[Told]) -> timedelta | None:
    """Return how long a first status may take, by the newest first; None where too few are known.

    The margin is a sixth of the longest time seen, and three seconds at the least: so late comes a
    webhook that was posted twice.
    """
    recent, longest = 0, timedelta()
    for second in told:
        longest = max(longest, second.longest)
        recent += second.count
        if recent >= RECENT:
            break
    if recent < SAMPLES:
        return None
    return longest + max(_LEAST_MARGIN, longest / _MARGIN)


def never_arrived(told: Sequence[Told], unheard: Unheard) -> datetime | None:
    """Return until when messages were sent whose status would be here if they had arrived.

    None where nobody can tell: too few statuses are known, or of too many messages that Meta took
    there is none, so that those to come may be late too.
    """
    usual = bound(told)
    if usual is None:
        return None
    watched = [second for second in told if second.at > unheard.heard_until - WATCHED]
    if unheard.count * ONE_IN > sum(second.count for second in watched):
        return None
    later = 0
    for sent, count in sorted(((s.at - s.longest, s.count) for s in told), reverse=True):
        later += count
        if later >= LATER:
            return min(sent, unheard.heard_until - usual)
    return None


def pauses(usual: timedelta) -> Sequence[timedelta]:
    """Return the least time before each repeat of a message that never arrived, the last for all.

    They grow, up to a quarter of an hour: some message may be what Meta fails of.
    """
    longest = max(usual, _LONGEST_PAUSE)
    return [min(longest, usual * _GROWTH**repeat) for repeat in range(_STEPS)]


def waits(unheard_after: timedelta, usual: timedelta | None) -> Sequence[timedelta]:
    """Return how long a status is waited for where others' tell nothing, repeat by repeat.

    Each may show the message once more, so they double, up to eight hours.
    """
    first = max(unheard_after, usual or unheard_after)
    return [min(max(first, _LONGEST_UNHEARD), first * 2**repeat) for repeat in range(_STEPS)]
