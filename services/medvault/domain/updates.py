"""Updates: the content of a webhook, cut into the pieces that each have one effect."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from medvault.domain.identifiers import LaneId
from medvault.domain.identity import IdentityKind

STATUSES = LaneId(UUID(int=0))
"""The lane of what belongs to no single conversation: statuses, and what is only kept."""


class UpdateKind(StrEnum):
    """The kind of an update; `KEPT` is signed but not understood and waits for a person to look."""

    MESSAGE = "message"
    STATUS = "status"
    KEPT = "kept"
    CHECKED = "checked"
    TIMED_OUT = "timed_out"
    NOT_DELIVERED = "not_delivered"
    DOUBTED = "doubted"
    VOUCHED = "vouched"

    @property
    def own(self) -> bool:
        """Whether medvault tells it to a conversation itself, instead of a webhook."""
        return self in _OWN


_OWN = frozenset(UpdateKind) - {UpdateKind.MESSAGE, UpdateKind.STATUS, UpdateKind.KEPT}


class Update(NamedTuple):
    """A piece of a webhook in clear text.

    `key` names its one effect (message: wamid; status: wamid|status|timestamp; else a digest),
    `sender` the conversation it belongs to, None for the lane of statuses; `content` is JSON.
    """

    kind: UpdateKind
    key: str
    content: bytes
    sender: tuple[IdentityKind, str] | None = None


class SealedUpdate(NamedTuple):
    """An update as the inbox keeps it: keyed digests and ciphertext."""

    key: UUID
    subject: LaneId
    kind: UpdateKind
    content: bytes


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """An inbox row that waits for its effect, opened; `seq` is its place in the order.

    One that is `misplaced` was sealed for another place, or damaged; its content is empty.
    """

    seq: int
    kind: UpdateKind
    content: bytes
    attempts: int
    misplaced: bool = False
