"""Vaults, opened again for work that an earlier transaction leased.

Each process may open them by the work that its login leases alone: so files and letters have a
function each.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from medvault.adapters.postgres import arrays
from medvault.domain.identifiers import LetterId, MediaId
from medvault.ports.outbox import Leased
from medvault.ports.vault import MediaRecord

_FILE = text("SELECT open_file(:id)")
_LETTERS = text("SELECT open_letters(CAST(:ids AS uuid[]))")


def open_vaults(connection: Connection, held: Sequence[MediaRecord | Leased]) -> bool:
    """Open the vaults of what is still in hand; False where a file is not."""
    files: list[MediaId] = []
    letters: list[LetterId] = []
    for one in held:
        match one:
            case MediaRecord():
                files.append(one.id)
            case Leased():
                letters.append(one.outgoing.reference)
    if letters:
        connection.execute(_LETTERS, {"ids": arrays.uuids(letters)})
    opened = [connection.execute(_FILE, {"id": id}).scalar_one() for id in files]
    return all(opened)
