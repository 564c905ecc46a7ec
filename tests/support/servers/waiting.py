"""Waiting for a condition, bounded."""

import os
import time
from collections.abc import Callable

POLL = 0.02
RARELY, SHARE = 0.25, 1 / 20
"""The longest pause between two looks, in seconds; a pause is this share of the time waited."""

PATIENCE = "MEDVAULT_TEST_PATIENCE"
"""Names how many times longer a wait may take, where tests share the machine with others."""


def wait_until(
    condition: Callable[[], object], *, seconds: float, what: str, every: float = POLL
) -> None:
    """Returns once `condition()` is truthy; after `seconds` raises TimeoutError naming `what`.

    It looks every `every` seconds, and less often after a long wait.
    """
    began, limit = time.monotonic(), seconds * float(os.environ.get(PATIENCE, "1"))
    while not condition():
        waited = time.monotonic() - began
        if waited > limit:
            message = f"{what}: not within {limit:g} s"
            raise TimeoutError(message)
        time.sleep(max(every, min(waited * SHARE, RARELY)))
