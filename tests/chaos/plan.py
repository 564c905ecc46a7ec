"""How long a run is and how hard: the options asked for, and what follows from them."""

import math
from dataclasses import dataclass

KINDS = (
    "api", "inbound", "media", "outbound",
    "rabbitmq", "postgres", "valkey", "s3", "clamd", "haproxy",
)  # fmt: skip
EMBEDDED_KINDS = ("medvault", "postgres")
SET_UP = {False: 30, True: 8}
SETTLE = 60
"""Seconds that a fleet, and embedded, usually takes to start, and the last work to end."""
USUAL_PACE = {False: 9.0, True: 14.0}
FASTEST_PACE = {False: 4.0, True: 9.0}
"""Seconds from one kill to the next, of a fleet and embedded: a demo is down longer."""
USUAL_RATE, FASTEST_RATE = 8.0, 25.0
"""Messages of patients in a second."""
EACH = 30
"""Messages of one patient: Meta lets 45 answers pass at once, then one every 6 seconds."""
SHORT, SOON, USUAL_REPEAT = 600, 15.0, 120.0
"""Storms of fewer seconds repeat an unknown send sooner, not to wait for that alone."""
FREEZES = 1 / 3
"""For each kill; they come on top."""


class Nonsense(ValueError):
    """The run that was asked for can't be; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run; `storm` is the seconds in which things are killed."""

    seed: int
    messages: int
    kills: int
    freezes: int
    storm: int
    patients: int
    kinds: tuple[str, ...]
    embedded: bool = False

    @property
    def repeat_seconds(self) -> float:
        """After how long without a status a send is repeated."""
        return SOON if self.storm < SHORT else USUAL_REPEAT

    @property
    def minutes(self) -> float:
        """The whole run, roughly."""
        return round((SET_UP[self.embedded] + self.storm + SETTLE) / 60, 1)

    @property
    def command(self) -> str:
        """The command that repeats the run."""
        parts = [f"MESSAGES={self.messages}", f"KILLS={self.kills}", f"SEED={self.seed}"]
        parts += [f"MINUTES={(self.storm + SET_UP[self.embedded]) / 60:.3f}"]
        everything = EMBEDDED_KINDS if self.embedded else KINDS
        parts += [f"ONLY={','.join(self.kinds)}"] if self.kinds != everything else []
        return " ".join(["make chaos", *parts, *(["EMBEDDED=1"] if self.embedded else [])])


def plan(
    *,
    seed: int,
    messages: int | None = None,
    kills: int | None = None,
    minutes: float | None = None,
    only: str | None = None,
    embedded: bool = False,
) -> Plan:
    """Make a plan of what was asked for; `minutes` counts the set-up too, and not the settling.

    Raises:
        Nonsense: it can't be done.
    """
    if minutes is None:
        kills, messages = kills if kills is not None else 30, messages or 2_000
        storm = math.ceil(max(kills * USUAL_PACE[embedded], messages / USUAL_RATE))
    else:
        storm = round(minutes * 60 - SET_UP[embedded])
        kills = kills if kills is not None else int(storm / USUAL_PACE[embedded])
        messages = messages or int(storm * USUAL_RATE)
    _require_time(storm, messages, kills, embedded=embedded)
    return Plan(
        seed=seed,
        messages=messages,
        kills=kills,
        freezes=math.ceil(kills * FREEZES),
        storm=storm,
        patients=max(4, min(400, math.ceil(messages / EACH))),
        kinds=_kinds(only, embedded=embedded),
        embedded=embedded,
    )


def _require_time(storm: int, messages: int, kills: int, *, embedded: bool) -> None:
    needed = max(kills * FASTEST_PACE[embedded], messages / FASTEST_RATE, 10.0)
    least = math.ceil((needed + SET_UP[embedded]) / 6) / 10
    if storm < needed:
        raise Nonsense(
            f"{messages} messages and {kills} kills take {least:g} "
            "minutes at the least: give more MINUTES, or fewer MESSAGES or KILLS"
        )


def _kinds(only: str | None, *, embedded: bool) -> tuple[str, ...]:
    known = EMBEDDED_KINDS if embedded else KINDS
    if not only:
        return known
    asked = tuple(name.strip() for name in only.split(","))
    if unknown := [name for name in asked if name not in known]:
        raise Nonsense(f"there is no {', '.join(unknown)}: ONLY takes {', '.join(known)}")
    return asked
