"""What child processes cost that were started for one piece of work, told to whoever had it done.

A thread works on one file at a time; what its children cost is counted for it until it is taken.
"""

import threading


class _Spent(threading.local):
    seconds = 0.0


_spent = _Spent()


def spend(cpu_seconds: float) -> None:
    """Add what a child of this thread's work has cost."""
    _spent.seconds += cpu_seconds


def taken() -> float:
    """Return the CPU seconds since the last time, and begin anew."""
    seconds, _spent.seconds = _spent.seconds, 0.0
    return seconds
