"""A lane: commands that run one after the other, beside other lanes."""

import os
import sys
from dataclasses import dataclass, field

CORES = os.cpu_count() or 1
NOTHING_SELECTED = 5
"""What pytest ends with where its arguments leave no test."""

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """It ends with the first command that fails; the codes in `allowed` are no failures.

    `variables` come on top of the environment.
    """

    name: str
    commands: tuple[Command, ...]
    variables: dict[str, str] = field(default_factory=dict)
    allowed: frozenset[int] = frozenset({0})


Stage = tuple[Lane, ...]
"""Lanes that run side by side; the next stage begins when all have ended."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Makes lanes of tests; `selected` are arguments of pytest that leave some of them out."""

    selected: tuple[str, ...] = ()

    def lane(self, name: str, *runs: Command, workers: int = 0, first: Command = ()) -> Lane:
        """One run of pytest for each tuple of arguments, after a `first` command.

        With `workers`, so many processes share a run, a file at a time, in the order of `runs`.
        """
        shared = ("-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder")
        options = (*(shared if workers else ()), *self.selected)
        commands = [(sys.executable, "-m", "pytest", *run, *options) for run in runs]
        allowed = {0, NOTHING_SELECTED} if self.selected else {0}
        before = (first,) if first else ()
        return Lane(name=name, commands=(*before, *commands), allowed=frozenset(allowed))
