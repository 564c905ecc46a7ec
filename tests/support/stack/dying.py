"""Processes that die at their fail-points, one after the other, and are started again each time."""

import subprocess
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from medvault.failpoints import EXIT_CODE, VARIABLE, OutwardStep
from medvault.ports.transactions import Transaction
from support.stack.service import Service

ROUNDS = 10
"""How often a process dies at each fail-point when tests run at full size."""

AMONG_POISON = (
    Transaction.BURY_SPILLED,
    Transaction.LOSE_REPORT,
    Transaction.REVEAL_DEAD_LETTER,
    Transaction.REPLAY_DEAD_LETTER,
    Transaction.DISCARD_DEAD_LETTER,
)
"""The ends of poison, and what administrators do about it: only reliability/test_poison.py comes
there."""

AT_THE_DESK = (
    Transaction.LOCK_PATIENT,
    Transaction.ASK_UNLOCKING,
    Transaction.APPROVE_UNLOCKING,
    Transaction.ASK_JOINING,
    Transaction.LEFT_BEHIND,
    Transaction.APPROVE_JOINING,
    Transaction.ASK_UNJOINING,
    Transaction.APPROVE_UNJOINING,
)
"""The steps of the clinic's desk: only integration/stack/test_desk.py comes there."""


def sides(*steps: OutwardStep | Transaction) -> list[str]:
    """The fail-points before and after each of these."""
    return [f"{step}.{side}" for step in steps for side in ("before", "after")]


@dataclass(frozen=True, slots=True)
class Death:
    """Which fail-point had a process die, and when."""

    at: float
    name: str


class Deaths:
    """All of them, in order; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deaths: list[Death] = []

    def add(self, name: str) -> None:
        """One happened just now."""
        with self._lock:
            self._deaths.append(Death(time.monotonic(), name))

    @property
    def names(self) -> list[str]:
        """The fail-points, in the order in which they were reached."""
        return [death.name for death in self._deaths]

    def between(self, began: float, ended: float) -> list[str]:
        """Those that may have to do with what happened then, and after how many seconds each."""
        return [
            f"{death.name} {death.at - began:.0f}"
            for death in self._deaths
            if began <= death.at <= ended
        ]


def die(service: Service, names: Iterable[str], deaths: Deaths, patience: float) -> None:
    """Lets a process die at each of these, in the order in which it comes to them."""
    left = list(names)
    while left:
        service.kill()
        service.start(**{VARIABLE: ",".join(left)})
        try:
            code = service.died(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{service.name} never came to {left}") from None
        assert code == EXIT_CODE, f"{service.name} ended with {code}:\n{service.log[-2000:]}"
        told = [line for line in service.log.splitlines() if line.startswith("fail-point ")]
        name = told[-1].removeprefix("fail-point ")
        left.remove(name)
        deaths.add(name)
