"""Waiting for a condition, bounded."""

import time
from collections.abc import Callable

POLL = 0.02


def wait_until(
    condition: Callable[[], object], *, seconds: float, what: str, every: float = POLL
) -> None:
    """Returns once `condition()` is truthy; after `seconds` raises TimeoutError naming `what`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            message = f"{what}: not within {seconds:g} s"
            raise TimeoutError(message)
        time.sleep(every)
