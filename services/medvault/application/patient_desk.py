"""What the clinic's desk does with a vault: lock it alone, open or join it with a second person."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from medvault.domain.audit import Action, Entry
from medvault.domain.errors import Permanent
from medvault.domain.identity import Doubt, IdentityKind
from medvault.domain.place import Place
from medvault.domain.updates import UpdateKind
from medvault.ports import BlindIndex, Sealer
from medvault.ports.desk import Asked, AskedToJoin
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction

_NEVER = datetime.fromtimestamp(0, UTC)
_NOBODY = "nobody's vault is known by this phone number or user id"
_NOT_OF_THE_DESK = (
    "this login is none of the desk: have an administrator run "
    '"GRANT medvault_desk TO <login>", once for each person'
)


class Approval(StrEnum):
    """What became of an approval; only the first lets anybody in."""

    APPROVED = "approved"
    UNKNOWN = "unknown"
    OWN = "own"
    LATE = "late"
    DONE = "done"
    CHANGED = "changed"


class PatientDesk:
    """Each step is one transaction, with its entry in the audit: both names, sealed."""

    def __init__(
        self, database: Database, index: BlindIndex, sealer: Sealer, new_id: Callable[[], UUID]
    ) -> None:
        self._database = database
        self._index = index
        self._sealer = sealer
        self._new_id = new_id

    def lock(self, typed: str, who: str, why: str) -> None:
        """Lock a vault at once; raises `Permanent` where nobody is known by what was typed."""
        with self._database.begin(Transaction.LOCK_PATIENT) as work:
            patient_id, id = self._patient(work, typed), self._new_id()
            work.conversations.lock_out([patient_id])
            told = {"doubt": Doubt.DESK.value, "request": str(id)}
            work.inbox.report(patient_id, UpdateKind.DOUBTED, told)
            self._audit(work, patient_id, Action.IDENTITY_LOCKED, {"by": who, "reason": why})

    def ask(self, typed: str, who: str, why: str) -> UUID:
        """Ask for a vault to be opened; returns the request that another login has to approve.

        Raises `Permanent` where nobody is known by what was typed, the vault is not locked, or
        this login is none of the desk.
        """
        with self._database.begin(Transaction.ASK_UNLOCKING) as work:
            patient_id, id = self._patient(work, typed), self._new_id()
            since = work.desk.locked_at(patient_id)
            if since is None:
                raise Permanent("this vault is not locked")
            _require_desk(work)
            work.desk.ask(id, patient_id, since)
            said = {"by": who, "reason": why, "request": str(id)}
            self._audit(work, patient_id, Action.UNLOCKING_ASKED, said)
        return id

    def approve(self, request: UUID, who: str) -> Approval:
        """Open the vault of a request that another login made within the last hour."""
        with self._database.begin(Transaction.APPROVE_UNLOCKING) as work:
            _require_desk(work)
            asked = work.desk.asked(request)
            answer = _decide(asked)
            if asked is None or answer is not Approval.APPROVED:
                return answer
            work.desk.approve(request)
            told = {"since": asked.locked_since.isoformat(), "request": str(request)}
            work.inbox.report(asked.patient_id, UpdateKind.VOUCHED, told)
            said = {"by": who, "request": str(request)}
            self._audit(work, asked.patient_id, Action.UNLOCKING_APPROVED, said)
        return answer

    def ask_joining(self, typed: str, who: str, why: str) -> UUID:
        """Ask for the reports of whoever had a phone number alone to be read by its patient of now.

        Raises `Permanent` where the number leads to no vault that is open, or left none behind.
        """
        kind, phone = _identity(typed)
        if kind is not IdentityKind.WA_ID:
            raise Permanent("give the phone number by which the patient was known")
        with self._database.begin(Transaction.ASK_JOINING) as work:
            patient_id, id = self._patient(work, typed), self._new_id()
            _require_desk(work)
            if work.desk.locked_at(patient_id) is not None:
                raise Permanent("this vault is locked: open it first")
            joined = work.desk.ask_joining(id, patient_id, self._index(kind, phone))
            if joined is None:
                raise Permanent("no vault with reports was known by this phone number alone")
            said = {"by": who, "reason": why, "request": str(id), "joined": str(joined)}
            self._audit(work, patient_id, Action.JOINING_ASKED, said)
        return id

    def approve_joining(self, request: UUID, who: str) -> Approval:
        """Join the vaults of a request that another login made within the last hour."""
        with self._database.begin(Transaction.APPROVE_JOINING) as work:
            _require_desk(work)
            asked = work.desk.asked_to_join(request)
            answer = _decide(asked)
            if asked is None or answer is not Approval.APPROVED:
                return answer
            work.desk.approve_joining(request)
            told = {"since": _NEVER.isoformat(), "joined": str(request)}
            work.inbox.report(asked.patient_id, UpdateKind.VOUCHED, told)
            said = {"by": who, "request": str(request), "joined": str(asked.joined)}
            for vault in (asked.patient_id, asked.joined):
                self._audit(work, vault, Action.JOINING_APPROVED, said)
        return answer

    def _patient(self, work: UnitOfWork, typed: str) -> UUID:
        patient_id = work.desk.patient(self._index(*_identity(typed)))
        if patient_id is None:
            raise Permanent(_NOBODY)
        return patient_id

    def _audit(
        self, work: UnitOfWork, patient_id: UUID, action: Action, said: dict[str, str]
    ) -> None:
        id = self._new_id()
        login, _ = work.desk.login()
        place = Place.note(id, patient_id)
        note = self._sealer.seal(json.dumps(said | {"login": login}).encode(), place)
        work.audit.append([Entry(id, patient_id, action, note=note)])


def _require_desk(work: UnitOfWork) -> None:
    _, may = work.desk.login()
    if not may:
        raise Permanent(_NOT_OF_THE_DESK)


def _decide(asked: Asked | AskedToJoin | None) -> Approval:
    match asked:
        case None:
            return Approval.UNKNOWN
        case Asked(approved=True) | AskedToJoin(approved=True):
            return Approval.DONE
        case Asked(own=True) | AskedToJoin(own=True):
            return Approval.OWN
        case Asked(late=True) | AskedToJoin(late=True):
            return Approval.LATE
        case AskedToJoin(locked=True):
            return Approval.CHANGED
        case Asked() if asked.locked_at != asked.locked_since:
            return Approval.CHANGED
        case _:
            return Approval.APPROVED


def _identity(typed: str) -> tuple[IdentityKind, str]:
    """Read what the desk typed: a phone number with or without its signs, or a user id."""
    said = typed.strip()
    digits = "".join(filter(str.isdecimal, said))
    if not said or not digits.isascii():
        raise Permanent(_NOBODY)
    if all(sign in "+ -()/." or sign.isdecimal() for sign in said):
        return IdentityKind.WA_ID, digits
    return IdentityKind.BSUID, said
