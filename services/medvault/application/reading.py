"""Reading: the content of a conversation's updates, and whether they are its own."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from medvault.application.effects.batch import Batch
from medvault.application.time_budget import TimeBudget
from medvault.application.updates import read
from medvault.domain.conversation.events import Event
from medvault.domain.dead_letters import Failure, Reason
from medvault.domain.identifiers import LaneId, PersonId
from medvault.domain.identity import Contact, IdentityKind
from medvault.domain.updates import PendingUpdate
from medvault.ports import BlindIndex, InboundReader
from medvault.ports.persistence import Claimed, UnitOfWork


class Readable(NamedTuple):
    """An update that could be read: for a message its sender and wamid, and whether it is theirs.

    Only where the conversation's state can't be opened nothing may follow from its not being so.
    """

    update: PendingUpdate
    event: Event
    sender: Contact | None
    wamid: str | None
    own: bool


class Reading:
    """Reads the updates of claimed conversations."""

    def __init__(self, reader: InboundReader, index: BlindIndex) -> None:
        self._reader = reader
        self._index = index

    def of(
        self,
        work: UnitOfWork,
        claimed: Claimed,
        holders: Collection[PersonId],
        batch: Batch,
        budget: TimeBudget,
    ) -> list[Readable]:
        """Read a conversation's updates up to the first that can't be; set foreign ones aside."""
        updates: list[Readable] = []
        for update in claimed.pending:
            if budget.half_over:
                break
            try:
                if update.misplaced:
                    batch.foreign(claimed, update)
                    continue
                event, sender, wamid = budget.spend(update, read, self._reader, update)
                own = sender is None or self._is_own(work, claimed, sender, holders)
                if not own and claimed.state is not None:
                    batch.foreign(claimed, update)
                    continue
            except Exception as error:  # noqa: BLE001 - whatever a poisonous update raises is its own affair
                if not batch.updates.failed(update, Failure.of(error, Reason.UNREADABLE)):
                    break
            else:
                updates.append(Readable(update, event, sender, wamid, own))
                if sender is not None:
                    batch.keys["told" if sender.proof else "untold"] += 1
        return updates

    def left_behind(
        self, work: UnitOfWork, read: Sequence[tuple[Claimed, Sequence[Readable]]]
    ) -> Collection[int]:
        """Return the places of updates whose phone number alone a vault with reports was known by.

        Those are looked up that show a user id with a number that their vault has not seen yet.
        """
        shown: dict[LaneId, int] = {}
        for claimed, updates in read:
            known = contact(claimed)
            for one in updates:
                if one.sender and one.sender.user_id and one.sender.phone:
                    if known is None or known.phone is None:
                        phone = LaneId(self._index(IdentityKind.WA_ID, one.sender.phone))
                        shown.setdefault(phone, one.update.seq)
                    break
        found = work.conversations.known_by_phone(shown)
        return {shown[phone] for phone in found}

    def _is_own(
        self, work: UnitOfWork, claimed: Claimed, sender: Contact, holders: Collection[PersonId]
    ) -> bool:
        """Whether a message comes from whom the vault belongs to, or did before a change.

        The lane alone proves it only for a vault that holds nothing: it may have been led there.
        """
        known = contact(claimed)
        if known and known.identity == sender.identity:
            return True
        identity = LaneId(self._index(*sender.identity))
        if not known and identity == claimed.subject and claimed.patient_id not in holders:
            return True
        return work.conversations.knows(claimed.patient_id, identity)


def contact(claimed: Claimed) -> Contact | None:
    """Return who a conversation is known to be with; nobody if it is new or can't be opened."""
    return claimed.state.contact if claimed.state else None
