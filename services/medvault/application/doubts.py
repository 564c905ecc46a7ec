"""Doubts about who holds an identity, found out while sending."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from medvault.domain.audit import Action, Entry
from medvault.domain.identifiers import LaneId, LetterId, PersonId, vault_of
from medvault.domain.identity import Doubt
from medvault.domain.updates import UpdateKind
from medvault.ports.outbox import ReachedKey
from medvault.ports.persistence import UnitOfWork


def tell_keys(work: UnitOfWork, reached: Sequence[ReachedKey]) -> list[LaneId]:
    """Have conversations compare the identity keys that messages reached; returns whom to wake."""
    return [
        work.inbox.tell(
            one.patient_id,
            UpdateKind.DOUBTED,
            {"doubt": Doubt.KEY.value, "letter": str(one.letter_id), "proof": one.proof},
        )
        for one in reached
    ]


def lock_out(
    work: UnitOfWork, refused: Mapping[PersonId, LetterId], new_id: Callable[[], UUID]
) -> list[LaneId]:
    """Lock the vaults of patients of whom this message was refused for the key (137000).

    Somebody else may hold the account now: nothing leaves any more. Returns whom to wake, as the
    conversations go on from there.
    """
    if not refused:
        return []
    work.conversations.lock_out(sorted(refused))
    work.audit.append(
        [Entry(new_id(), vault_of(patient), Action.IDENTITY_LOCKED) for patient in refused]
    )
    return [
        work.inbox.tell(
            patient, UpdateKind.DOUBTED, {"doubt": Doubt.REFUSED.value, "letter": str(letter)}
        )
        for patient, letter in refused.items()
    ]
