"""Doubts about who holds an identity, found out while sending."""

from collections.abc import Callable, Sequence
from uuid import UUID

from medvault.domain.audit import Action, Entry
from medvault.domain.identity import Doubt
from medvault.domain.updates import UpdateKind
from medvault.ports.outbox import Leased
from medvault.ports.persistence import UnitOfWork


def lock_out(work: UnitOfWork, refused: Sequence[Leased], new_id: Callable[[], UUID]) -> list[UUID]:
    """Lock the vaults of messages that were refused for their recipient's key (137000).

    Somebody else may hold the account now: nothing leaves any more. Returns whom to wake, as the
    conversations go on from there.
    """
    letters = {one.patient_id: one.outgoing.reference for one in refused}
    if not letters:
        return []
    work.reports.for_patients(list(letters))
    work.conversations.lock_out(sorted(letters))
    work.audit.append([Entry(new_id(), patient, Action.IDENTITY_LOCKED) for patient in letters])
    return [
        work.inbox.report(
            patient, UpdateKind.DOUBTED, {"doubt": Doubt.REFUSED.value, "letter": str(letter)}
        )
        for patient, letter in letters.items()
    ]
