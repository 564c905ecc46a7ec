"""A handler of batches that does as it is told, in whichever process it runs."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from medvault.domain.errors import Unavailable
from support.servers.waiting import POLL, wait_until


class ScriptedHandler:
    """Its orders and its journal are files in a folder, so that another process can give orders.

    While it is told to hold, it has begun and doesn't return; while the database is away it
    raises `Unavailable`; on ids that are poison it raises ValueError.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._journal = folder / "journal"
        self._journal.touch()

    def __call__(self, ids: Sequence[UUID]) -> None:
        """Handles a batch."""
        self._note("began", ids)
        while (self.folder / "hold").exists():
            time.sleep(POLL)
        self.probe()
        if any((self.folder / f"poison-{id}").exists() for id in ids):
            raise ValueError
        self._note("handled", ids)

    def probe(self) -> None:
        """Raises `Unavailable` while the database is away."""
        if (self.folder / "away").exists():
            raise Unavailable("database")

    def hold(self) -> Callable[[], None]:
        """Makes it stop within a batch until what is returned is called."""
        return self._order("hold")

    def take_database_away(self) -> Callable[[], None]:
        """Makes it raise `Unavailable` until what is returned is called."""
        return self._order("away")

    def poison(self, id: UUID) -> Callable[[], None]:
        """Makes it fail on an id until what is returned is called."""
        return self._order(f"poison-{id}")

    @property
    def began(self) -> list[list[UUID]]:
        """The batches that it was given."""
        return self._batches("began")

    @property
    def batches(self) -> list[list[UUID]]:
        """The batches that it handled."""
        return self._batches("handled")

    @property
    def handled(self) -> list[UUID]:
        """All ids that it handled."""
        return [id for batch in self.batches for id in batch]

    def expect(self, ids: Sequence[UUID], *, seconds: float = 15) -> None:
        """Waits until all the ids are handled."""
        wanted = set(ids)
        wait_until(
            lambda: wanted <= set(self.handled), seconds=seconds, what=f"{len(wanted)} ids handled"
        )

    def expect_begun(self, *, seconds: float = 15) -> None:
        """Waits until it was given something."""
        wait_until(lambda: self.began, seconds=seconds, what="a batch begun")

    def _order(self, name: str) -> Callable[[], None]:
        order = self.folder / name
        order.touch()
        return lambda: order.unlink(missing_ok=True)

    def _note(self, what: str, ids: Sequence[UUID]) -> None:
        line = f"{what} {' '.join(id.hex for id in ids)}\n"
        with self._journal.open("ab", buffering=0) as journal:
            os.write(journal.fileno(), line.encode())

    def _batches(self, what: str) -> list[list[UUID]]:
        lines = [line.split() for line in self._journal.read_text().splitlines()]
        return [[UUID(id) for id in ids] for first, *ids in lines if first == what]
