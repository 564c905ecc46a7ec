"""Unlocking: the clinic says who a patient is, and opens the vault that was locked."""

from uuid import UUID

from medvault.application.desk_books import Approval, DeskBooks, decide, require_desk
from medvault.domain.audit import Action
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import vault_of
from medvault.domain.updates import UpdateKind
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction


class Unlocking:
    """Opens a locked vault."""

    def __init__(self, database: Database, books: DeskBooks) -> None:
        self._database = database
        self._books = books

    def ask(self, typed: str, who: str, why: str) -> UUID:
        """Ask for a vault to be opened.

        Raises `Permanent` where nobody is known by what was typed, the vault is not locked, or
        this login is none of the desk.
        """
        with self._database.begin(Transaction.ASK_UNLOCKING) as work:
            patient_id, id = self._books.patient(work, typed), self._books.new_request()
            since = work.desk.locked_at(patient_id)
            if since is None:
                raise Permanent("this vault is not locked")
            require_desk(work)
            work.desk.ask(id, patient_id, since)
            said = {"by": who, "reason": why, "request": str(id)}
            self._books.note(work, vault_of(patient_id), Action.UNLOCKING_ASKED, said)
        return id

    def approve(self, request: UUID, who: str) -> Approval:
        """Open the vault of a request that another login made within the last hour."""
        with self._database.begin(Transaction.APPROVE_UNLOCKING) as work:
            require_desk(work)
            asked = work.desk.asked(request)
            answer = decide(asked)
            if asked is None or answer is not Approval.APPROVED:
                return answer
            work.desk.approve(request)
            told = {"since": asked.locked_since.isoformat(), "request": str(request)}
            work.inbox.tell(asked.patient_id, UpdateKind.VOUCHED, told)
            said = {"by": who, "request": str(request)}
            self._books.note(work, vault_of(asked.patient_id), Action.UNLOCKING_APPROVED, said)
        return answer
