"""Joining: a vault reads one that a phone number left behind, or reads it no more."""

from datetime import UTC, datetime
from uuid import UUID

from medvault.application.desk_books import Approval, DeskBooks, decide, require_desk
from medvault.domain.access import Role
from medvault.domain.audit import Action
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import vault_of
from medvault.domain.updates import UpdateKind
from medvault.ports.desk import AskedOfJoining, LeftBehind
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction

_NEVER = datetime.fromtimestamp(0, UTC)


class Joining:
    """Gives the reports of whoever had a phone number alone to its patient of now."""

    def __init__(self, database: Database, books: DeskBooks) -> None:
        self._database = database
        self._books = books

    def ask(self, typed: str, who: str, why: str) -> UUID:
        """Ask for it, by the phone number.

        Raises `Permanent` where that leads to no vault that is open, or left none behind.
        """
        phone = self._books.phone(typed)
        with self._database.begin(Transaction.ASK_JOINING) as work:
            patient_id, id = self._books.patient(work, typed), self._books.new_request()
            require_desk(work)
            if work.desk.locked_at(patient_id) is not None:
                raise Permanent("this vault is locked: open it first")
            joined = work.desk.ask_joining(id, patient_id, phone)
            if joined is None:
                raise Permanent("no vault with reports was known by this phone number alone")
            said = {"by": who, "reason": why, "request": str(id), "joined": str(joined)}
            self._books.note(work, vault_of(patient_id), Action.JOINING_ASKED, said)
        return id

    def left_behind(self, request: UUID) -> LeftBehind:
        """Return what does not come along with a request's vault."""
        with self._database.begin(Transaction.LEFT_BEHIND) as work:
            return work.desk.left_behind(request)

    def approve(self, request: UUID, who: str) -> Approval:
        """Join the vaults of a request that another login made within the last hour."""
        with self._database.begin(Transaction.APPROVE_JOINING) as work:
            require_desk(work)
            asked = work.desk.asked_to_join(request)
            answer = decide(asked)
            if asked is None or answer is not Approval.APPROVED:
                return answer
            work.desk.approve_joining(request)
            work.desk.give_access(request, asked.patient_id, asked.joined, Role.OWNER)
            _tell(work, asked, "joined", request)
            said = {"by": who, "request": str(request), "joined": str(asked.joined)}
            for vault_id in (vault_of(asked.patient_id), asked.joined):
                self._books.note(work, vault_id, Action.JOINING_APPROVED, said)
        return answer


class Unjoining:
    """Takes such a vault out again, by the same phone number, whoever has that now."""

    def __init__(self, database: Database, books: DeskBooks) -> None:
        self._database = database
        self._books = books

    def ask(self, typed: str, who: str, why: str) -> UUID:
        """Ask for it; raises `Permanent` where nothing was joined by this number."""
        phone = self._books.phone(typed)
        with self._database.begin(Transaction.ASK_UNJOINING) as work:
            require_desk(work)
            id = self._books.new_request()
            found = work.desk.ask_unjoining(id, phone)
            if found is None:
                raise Permanent("no vault is joined that was known by this phone number alone")
            patient_id, joined = found
            said = {"by": who, "reason": why, "request": str(id), "joined": str(joined)}
            self._books.note(work, vault_of(patient_id), Action.UNJOINING_ASKED, said)
        return id

    def approve(self, request: UUID, who: str) -> Approval:
        """Undo the joining of a request that another login made within the last hour."""
        with self._database.begin(Transaction.APPROVE_UNJOINING) as work:
            require_desk(work)
            asked = work.desk.asked_to_unjoin(request)
            answer = decide(asked)
            if asked is None or answer is not Approval.APPROVED:
                return answer
            said = {"by": who, "request": str(request), "joined": str(asked.joined)}
            for vault_id in (vault_of(asked.patient_id), asked.joined):
                self._books.note(work, vault_id, Action.UNJOINING_APPROVED, said)
            work.desk.approve_unjoining(request)
            _tell(work, asked, "unjoined", request)
        return answer


def _tell(work: UnitOfWork, asked: AskedOfJoining, what: str, request: UUID) -> None:
    told = {"since": _NEVER.isoformat(), what: str(request)}
    work.inbox.tell(asked.patient_id, UpdateKind.VOUCHED, told)
