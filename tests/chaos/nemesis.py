"""When what is killed or frozen, and for how long: a pure function of a seed."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

TOGETHER = (1, 1, 1, 1, 2, 1, 1, 2, 3)
"""How many are struck at one moment, drawn from these."""
RESTART = (0.5, 6.0)
FREEZE = (1.0, 8.0)
"""Seconds after which a supervisor starts a dead one again, and for which one is frozen."""


class How(StrEnum):
    """The ways to strike a component: kill -9, or SIGSTOP and later SIGCONT."""

    KILL = "kill"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault: `at` seconds after the storm began, for so many `seconds`."""

    at: float
    component: str
    how: How
    seconds: float


def schedule(
    seed: int, kinds: Mapping[str, Sequence[str]], kills: int, freezes: int, seconds: float
) -> tuple[Strike, ...]:
    """Spread kills and freezes over a storm; `kinds` names the components of each kind.

    Kinds are dealt from a shuffled deck, so that each is hit as often as any other, give or take
    one; which component of a kind is hit is left to the dice.
    """
    dice = random.Random(seed)
    hows = [How.KILL] * kills + [How.FREEZE] * freezes
    dice.shuffle(hows)
    decks = {how: _deck(dice, sorted(kinds)) for how in How}
    strikes = []
    for at, together in _moments(dice, hows, seconds):
        hit: set[str] = set()
        for how in together:
            component = dice.choice([*kinds[next(decks[how])]])
            later = 0.0 if component not in hit else dice.uniform(*FREEZE)
            hit.add(component)
            lasting = dice.uniform(*(RESTART if how is How.KILL else FREEZE))
            strikes.append(Strike(round(at + later, 2), component, how, round(lasting, 2)))
    return tuple(sorted(strikes, key=lambda strike: strike.at))


def _deck(dice: random.Random, cards: Sequence[str]) -> Iterator[str]:
    while True:
        yield from dice.sample(cards, len(cards))


def _moments(
    dice: random.Random, hows: Sequence[How], seconds: float
) -> Iterator[tuple[float, Sequence[How]]]:
    """Cut the faults into those of one moment, and give each moment a time of its own."""
    groups, start = [], 0
    while start < len(hows):
        size = dice.choice(TOGETHER)
        groups.append(hows[start : start + size])
        start += size
    width = seconds / max(1, len(groups))
    for number, group in enumerate(groups):
        yield width * (number + dice.random()), group
