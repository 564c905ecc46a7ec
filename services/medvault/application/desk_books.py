"""The desk's books: the patients it means and its acts, under the names of people and logins."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from medvault.domain.audit import Action, Entry
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import LaneId, PersonId, VaultId
from medvault.domain.identity import IdentityKind
from medvault.domain.place import Place
from medvault.ports import BlindIndex, Sealer
from medvault.ports.persistence import UnitOfWork

_NOBODY = "nobody's vault is known by this phone number or user id"
_NOT_OF_THE_DESK = (
    "this login is none of the desk: have an administrator run "
    '"GRANT medvault_desk TO <login>", once for each person'
)


class Approval(StrEnum):
    """The result of an approval; only `APPROVED` has any effect."""

    APPROVED = "approved"
    UNKNOWN = "unknown"
    OWN = "own"
    LATE = "late"
    DONE = "done"
    CHANGED = "changed"


class ByTwo(Protocol):
    """An act that takes two people: one asks, another approves within an hour."""

    def ask(self, typed: str, who: str, why: str) -> UUID:
        """Return the request that another login has to approve; raises `Permanent`."""
        ...

    def approve(self, request: UUID, who: str) -> Approval:
        """Do what another login asked for within the last hour."""
        ...


class Asked(Protocol):
    """A request as the database has it; `changed` says that it can't be done any more."""

    @property
    def approved(self) -> bool: ...  # noqa: D102
    @property
    def own(self) -> bool: ...  # noqa: D102
    @property
    def late(self) -> bool: ...  # noqa: D102
    @property
    def changed(self) -> bool: ...  # noqa: D102


class DeskBooks:
    """Reads and writes within units of work of others."""

    def __init__(self, index: BlindIndex, sealer: Sealer, new_id: Callable[[], UUID]) -> None:
        self._index = index
        self._sealer = sealer
        self._new_id = new_id

    def new_request(self) -> UUID:
        """Return an id."""
        return self._new_id()

    def patient(self, work: UnitOfWork, typed: str) -> PersonId:
        """Return who is known by what was typed now; raises `Permanent` where nobody is."""
        patient_id = work.desk.patient(LaneId(self._index(*_identity(typed))))
        if patient_id is None:
            raise Permanent(_NOBODY)
        return patient_id

    def phone(self, typed: str) -> LaneId:
        """Return the index of a phone number; raises `Permanent` where none was typed."""
        kind, phone = _identity(typed)
        if kind is not IdentityKind.WA_ID:
            raise Permanent("give the phone number by which the patient was known")
        return LaneId(self._index(kind, phone))

    def note(
        self, work: UnitOfWork, vault_id: VaultId, action: Action, said: dict[str, str]
    ) -> None:
        """Write into the audit, sealed, what was done, with the login that did it."""
        id = self._new_id()
        login, _ = work.desk.login()
        place = Place.note(id, vault_id)
        note = self._sealer.seal(json.dumps(said | {"login": login}).encode(), place)
        work.audit.append([Entry(id, vault_id, action, note=note)])


def require_desk(work: UnitOfWork) -> None:
    """Raise `Permanent` where this login is none of the desk."""
    _, may = work.desk.login()
    if not may:
        raise Permanent(_NOT_OF_THE_DESK)


def decide(asked: Asked | None) -> Approval:
    """Return what becomes of a request."""
    if asked is None:
        return Approval.UNKNOWN
    if asked.approved:
        return Approval.DONE
    if asked.own:
        return Approval.OWN
    if asked.late:
        return Approval.LATE
    return Approval.CHANGED if asked.changed else Approval.APPROVED


def _identity(typed: str) -> tuple[IdentityKind, str]:
    """Read what the desk typed: a phone number with or without its signs, or a user id."""
    said = typed.strip()
    digits = "".join(filter(str.isdecimal, said))
    if not said or not digits.isascii():
        raise Permanent(_NOBODY)
    if all(sign in "+ -()/." or sign.isdecimal() for sign in said):
        return IdentityKind.WA_ID, digits
    return IdentityKind.BSUID, said
