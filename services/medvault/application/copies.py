"""Copies without the parts of a file that act: its sender gets one; the original stays sealed."""

from collections.abc import Callable
from typing import NamedTuple

from medvault.domain.media import Verdict
from medvault.domain.object_keys import incoming_copy
from medvault.domain.place import Place
from medvault.ports import Disarmed, FileSealer, ObjectStore
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction
from medvault.ports.vault import MediaRecord


class Judgement(NamedTuple):
    """The checks' verdict on a file, and what was `removed` from the copy kept in its stead."""

    verdict: Verdict
    removed: Verdict | None = None


class Copies:
    """Puts copies beside their originals, as soon as this release is `alone`.

    The release before would file, and give back, the original.
    """

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        sealer: FileSealer,
        alone: Callable[[], bool],
    ) -> None:
        self._database = database
        self._store = store
        self._sealer = sealer
        self._alone = alone

    def keeper(self, record: MediaRecord) -> "Keeper | None":
        """Return what keeps a copy of this file; None as long as there may be none."""
        return Keeper(self, record) if self._alone() else None

    def put(self, record: MediaRecord, copy: Disarmed) -> None:
        """Store a copy.

        It is recorded before, so that it is never left lying, and after: it may have been swept.
        """
        self._note(record, copy)
        sealed = self._sealer.seal(copy.chunks, Place.copy(record.id, record.vault_id))
        self._store.put(incoming_copy(record.id), sealed, self._sealer.sealed_size(copy.size))
        self._note(record, copy)

    def _note(self, record: MediaRecord, copy: Disarmed) -> None:
        with self._database.begin(Transaction.STORE_COPY) as work:
            work.media.copied(record.id, copy.removed, copy.size)


class Keeper:
    """Keeps the copy of one file, and remembers what is `removed` in it."""

    def __init__(self, copies: Copies, record: MediaRecord) -> None:
        self._copies = copies
        self._record = record
        self.removed: Verdict | None = None

    def __call__(self, copy: Disarmed) -> None:
        """Keep the copy."""
        self._copies.put(self._record, copy)
        self.removed = copy.removed
