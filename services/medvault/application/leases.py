"""Leases: a worker holds its row for seconds, and says again and again that it still does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from medvault.domain.errors import MedvaultError

LEASE = timedelta(seconds=6)
"""After a crash the row is free again this soon: five of them take less than a minute."""


@contextmanager
def held(renew: Callable[[], None], lease: timedelta = LEASE) -> Iterator[None]:
    """Renew a lease while the block runs; a renewal that fails is made up for by the next one."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(lease.total_seconds() / 4):
            try:
                renew()
            except MedvaultError:
                continue

    keeper = threading.Thread(target=keep, name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
