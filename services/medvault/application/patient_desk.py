"""The acts of the clinic's desk on a vault: one person locks it, the rest takes a second one."""

from collections.abc import Callable
from uuid import UUID

from medvault.application.desk_books import DeskBooks
from medvault.application.joining import Joining, Unjoining
from medvault.application.unlocking import Unlocking
from medvault.domain.audit import Action
from medvault.domain.identifiers import vault_of
from medvault.domain.identity import Doubt
from medvault.domain.updates import UpdateKind
from medvault.ports import BlindIndex, Sealer
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction


class PatientDesk:
    """Each step is one transaction, with its entry in the audit: both names, sealed."""

    def __init__(
        self, database: Database, index: BlindIndex, sealer: Sealer, new_id: Callable[[], UUID]
    ) -> None:
        self._database = database
        self._books = books = DeskBooks(index, sealer, new_id)
        self.unlocking = Unlocking(database, books)
        self.joining = Joining(database, books)
        self.unjoining = Unjoining(database, books)

    def lock(self, typed: str, who: str, why: str) -> None:
        """Lock a vault at once; raises `Permanent` where nobody is known by what was typed."""
        with self._database.begin(Transaction.LOCK_PATIENT) as work:
            patient_id, id = self._books.patient(work, typed), self._books.new_request()
            work.conversations.lock_out([patient_id])
            told = {"doubt": Doubt.DESK.value, "request": str(id)}
            work.inbox.tell(patient_id, UpdateKind.DOUBTED, told)
            self._books.note(
                work, vault_of(patient_id), Action.IDENTITY_LOCKED, {"by": who, "reason": why}
            )
