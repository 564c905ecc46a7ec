"""Confirmation by statuses: how long one may take, and which messages will never have one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

FEWEST, SAMPLES, RECENT = 10, 100, 500
"""First statuses of an hour: fewer than the first tell nothing, up to the second the margin grows
with those that lack, and of the newest up to the third the latest counts."""
LATER = 3
"""Later messages that must have their statuses before an earlier one without is believed lost.

They show that the way of statuses is open. One or two may slip through as it opens and closes, or
as statuses begin to come later. More show nothing that is not known otherwise: a status out of
order, or one that was refused and is posted again, comes within `Lateness.bound`; where statuses
begin to come late or not at all, `Unheard` tells, and `lateness` begins again. Ten take a quiet
vault minutes, and a busy one a fifth of a second, in which nothing becomes clear.
"""
ONE_IN = 200
"""One of so many messages may lack its status for good, and the others still be believed."""
WATCHED = timedelta(seconds=60)
"""So long a time is looked at for messages that Meta took, and that no status tells of."""
REPEATS_LAST = timedelta(hours=24)
"""From the first doubt on: so long Meta takes replies."""
_LEAST_MARGIN = timedelta(seconds=3)
_MARGIN = 6
_FIRST_PAUSE = timedelta(seconds=1)
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
class Lateness:
    """How late first statuses come: the `longest` seen lately, and with a margin the `bound`.

    Already `late` is half of the margin: so as long as statuses come ever later, messages that were
    taken show it before one that was not is believed lost. The longest of a few `known` ones is
    seldom that of many, so where `known` is below `SAMPLES`, the margin is larger in that
    proportion.
    """

    longest: timedelta
    known: int = SAMPLES

    @property
    def bound(self) -> timedelta:
        """The longest and a sixth more, 3 seconds at least: so late comes what is posted twice."""
        return self.longest + self._margin

    @property
    def late(self) -> timedelta:
        """After that long next to no message that was taken is without a status."""
        return self.longest + self._margin / 2

    @property
    def unsurprising(self) -> timedelta:
        """So late one may come without a sign that all do now."""
        return self.longest + max(_LEAST_MARGIN, self.longest / _MARGIN)

    @property
    def _margin(self) -> timedelta:
        return (self.unsurprising - self.longest) * max(1.0, SAMPLES / self.known)


@dataclass(frozen=True, slots=True)
class Unheard:
    """Messages that Meta took within `WATCHED`, whose status is `late`.

    All statuses that came before `heard_until` are applied.
    """

    count: int
    heard_until: datetime


def lateness(told: Sequence[Told]) -> Lateness | None:
    """Return how late statuses come, by the newest first; None where too few are known.

    Known are those since the last that came later than all before it, by more than their margin:
    then statuses began to come later, and nobody knows yet how late.
    """
    usual = Lateness(timedelta(), 0)
    for second in reversed(_recent(told)):
        known = second.count if second.longest > usual.unsurprising else usual.known + second.count
        usual = Lateness(max(usual.longest, second.longest), known)
    return usual if usual.known >= FEWEST else None


def _recent(told: Sequence[Told]) -> Sequence[Told]:
    counts = accumulate(second.count for second in told)
    return told[: 1 + sum(count < RECENT for count in counts)]


def never_arrived(told: Sequence[Told], unheard: Unheard) -> datetime | None:
    """Return until when messages were sent whose status would be here if they had arrived.

    None where nobody can tell: too few statuses are known, or of too many messages that Meta took
    there is none, so that those to come may be late too.
    """
    usual = lateness(told)
    if usual is None:
        return None
    watched = [second for second in told if second.at > unheard.heard_until - WATCHED]
    if unheard.count * ONE_IN > sum(second.count for second in watched):
        return None
    later = 0
    for sent, count in sorted(((s.at - s.longest, s.count) for s in told), reverse=True):
        later += count
        if later >= LATER:
            return min(sent, unheard.heard_until - usual.bound)
    return None


def pauses() -> Sequence[timedelta]:
    """Return the least time before each repeat of a message that never arrived, the last for all.

    They grow, up to a quarter of an hour: some message may be what Meta fails of.
    """
    return [min(_LONGEST_PAUSE, _FIRST_PAUSE * _GROWTH**repeat) for repeat in range(_STEPS)]


def waits(unheard_after: timedelta, usual: Lateness | None) -> Sequence[timedelta]:
    """Return how long a status is waited for where others' tell nothing, repeat by repeat.

    Each may show the message once more, so they double, up to eight hours. The margin of few
    statuses makes none longer.
    """
    first = max(unheard_after, usual.bound) if usual and usual.known >= SAMPLES else unheard_after
    return [min(max(first, _LONGEST_UNHEARD), first * 2**repeat) for repeat in range(_STEPS)]
