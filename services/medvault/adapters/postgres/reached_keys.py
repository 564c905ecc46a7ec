"""Identity keys that messages have reached, beside those that they were sent to."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from medvault.adapters.postgres import arrays, codec
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import LetterId, PersonId
from medvault.domain.place import Place
from medvault.ports import Sealer
from medvault.ports.outbox import ReachedKey

_SENT = text("SELECT id, patient_id, content FROM outbox WHERE id = ANY (CAST(:ids AS uuid[]))")


def reached(
    connection: Connection, sealer: Sealer, proofs: Mapping[LetterId, Sequence[str]]
) -> Sequence[ReachedKey]:
    """Return messages that reached another key; `proofs` are what statuses told, by message."""
    told = [id for id, found in proofs.items() if found]
    if not told:
        return ()
    rows = connection.execute(_SENT, {"ids": arrays.uuids(told)})
    return [
        ReachedKey(patient_id, id, proof)
        for id, patient_id, content in rows
        for proof in proofs[id]
        if proof != _sent_to(sealer, id, patient_id, bytes(content))
    ]


def _sent_to(sealer: Sealer, id: LetterId, patient_id: PersonId, content: bytes) -> str | None:
    """The key that a message was sent to; None where it can't be opened any more."""
    try:
        to, _ = codec.read(codec.letter, sealer.open(content, Place.letter(id, patient_id)))
    except Permanent:
        return None
    return to.proof
