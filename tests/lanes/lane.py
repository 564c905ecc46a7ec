"""A lane: commands that run one after the other, beside other lanes."""

import os
import sys
from dataclasses import dataclass

MOST = 8
"""No more processes share the tests of a lane: each needs room on the servers."""
NOTHING_SELECTED = 5
"""pytest's exit code where its arguments leave no test."""

Command = tuple[str, ...]


def cores() -> int:
    """The processors that this process may use, up to MOST."""
    usable = getattr(os, "sched_getaffinity", None)
    return min(len(usable(0)) if usable else os.cpu_count() or 1, MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """It ends with the first command that fails; the codes in `allowed` are no failures."""

    name: str
    commands: tuple[Command, ...]
    allowed: frozenset[int] = frozenset({0})

    @property
    def may_be_empty(self) -> bool:
        """Whether it holds tests of which some were selected."""
        return NOTHING_SELECTED in self.allowed


Stage = tuple[Lane, ...]
"""Lanes that run side by side; the next stage begins when all have ended."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Makes lanes of tests; `arguments` are pytest's own and leave some of them out."""

    arguments: tuple[str, ...] = ()

    def lane(self, name: str, run: Command, *, workers: int = 0, first: Command = ()) -> Lane:
        """A run of pytest with these arguments, after a `first` command.

        With `workers`, so many processes share it, a file at a time, in the order of `run`.
        """
        shared = ("-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder")
        options = (*(shared if workers else ()), *self.arguments)
        pytest = (sys.executable, "-m", "pytest", *run, *options)
        allowed = {0, NOTHING_SELECTED} if self.arguments else {0}
        commands = (first, pytest) if first else (pytest,)
        return Lane(name=name, commands=commands, allowed=frozenset(allowed))
