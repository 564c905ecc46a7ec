"""The CPU that child processes may use and have used for one piece of work.

A thread works on one file at a time; the cost of its children is counted for it until it is taken.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Spent(threading.local):
    seconds = 0.0
    yields = False


_spent = _Spent()


def spend(cpu_seconds: float) -> None:
    """Add what a child of this thread's work has cost."""
    _spent.seconds += cpu_seconds


@contextmanager
def yielding(extra: bool) -> Iterator[None]:  # noqa: FBT001 - read as a sentence
    """Have children that this thread starts in the block leave the CPU to others, if `extra`."""
    _spent.yields = extra
    try:
        yield
    finally:
        _spent.yields = False


def yields() -> bool:
    """Whether what this thread starts is beyond what a patient may have while others wait."""
    return _spent.yields


def taken() -> float:
    """Return the CPU seconds since the last time, and begin again."""
    seconds, _spent.seconds = _spent.seconds, 0.0
    return seconds
