"""Places: where something sealed lies, and whose it is. It opens in its place and nowhere else."""

from typing import NamedTuple, Self
from uuid import UUID

from medvault.domain.identifiers import (
    NOBODY,
    LaneId,
    LetterId,
    MediaId,
    PersonId,
    ReportId,
    VaultId,
    vault_of,
)

# How values were bound before places had all four parts: a word, and whether a row followed.
_BEFORE = {
    "inbox": (b"inbox", False),
    "identities": (b"identity", False),
    "intake": (b"intake", False),
    "conversations": (b"conversation", True),
    "outbox": (b"outbox", True),
    "media": (b"media", True),
    "reports": (b"report", True),
    "audit": (b"audit", True),
    "files": (b"", True),
    "copies": (b"copy", True),
}
_FROM_OUTSIDE = {("inbox", "content"), ("intake", "body")}


class Place(NamedTuple):
    """A column of a row of a table, and the vault that it belongs to.

    Also what is no table has such a name: `intake` is the broker's queue, `files` and `copies` lie
    in the object store.
    """

    table: str
    column: str
    row: UUID
    vault: VaultId | LaneId

    @classmethod
    def update(cls, key: UUID, lane: LaneId) -> Self:
        """An update that a webhook brought, in its sender's lane."""
        return cls("inbox", "content", key, lane)

    @classmethod
    def own_update(cls, key: UUID, patient: PersonId) -> Self:
        """An update of medvault's own to a conversation, in the same column: a file's verdict."""
        return cls("inbox", "own", key, vault_of(patient))

    @classmethod
    def webhook(cls) -> Self:
        """A webhook in the broker, whole: nobody has looked yet whose it is."""
        return cls("intake", "body", NOBODY, vault_of(NOBODY))

    @classmethod
    def state(cls, patient: PersonId) -> Self:
        """A conversation's state, in the table and in the cache."""
        return cls("conversations", "sealed", patient, vault_of(patient))

    @classmethod
    def identity(cls, index: LaneId, patient: PersonId) -> Self:
        """A user id or a phone number, found by its blind index."""
        return cls("identities", "sealed", index, vault_of(patient))

    @classmethod
    def access(cls, patient: PersonId, vault: VaultId) -> Self:
        """A person's access to another vault than their own."""
        return cls("access", "sealed", vault, vault_of(patient))

    @classmethod
    def letter(cls, id: LetterId, patient: PersonId) -> Self:
        """A message to a patient."""
        return cls("outbox", "content", id, vault_of(patient))

    @classmethod
    def announcement(cls, media_id: MediaId, vault: VaultId) -> Self:
        """All that a message said of a file."""
        return cls("media", "sealed", media_id, vault)

    @classmethod
    def file(cls, media_id: MediaId, vault: VaultId) -> Self:
        """A file's bytes, under whichever key they lie."""
        return cls("files", "content", media_id, vault)

    @classmethod
    def copy(cls, media_id: MediaId, vault: VaultId) -> Self:
        """A file's bytes without what acted in them: never to be taken for those that act."""
        return cls("copies", "content", media_id, vault)

    @classmethod
    def report(cls, id: ReportId, vault: VaultId) -> Self:
        """All that a patient said of a report."""
        return cls("reports", "sealed", id, vault)

    @classmethod
    def note(cls, id: UUID, vault: VaultId) -> Self:
        """A note of the audit."""
        return cls("audit", "note", id, vault)

    @property
    def from_outside(self) -> bool:
        """Whether the API puts here what webhooks bring."""
        return self[:2] in _FROM_OUTSIDE

    @property
    def bound(self) -> bytes:
        """The place as associated data: names end with a zero byte, ids have 16 bytes."""
        name = f"{self.table}.{self.column}\0".encode()
        return name + self.row.bytes + self.vault.bytes

    @property
    def bound_before(self) -> bytes:
        """The place as the formats 1 and 2 have it; whole where it is younger than they are."""
        if (known := _BEFORE.get(self.table)) is None:
            return self.bound
        word, with_row = known
        return word + self.row.bytes if with_row else word
