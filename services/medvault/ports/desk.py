"""The clinic's desk: the logins that may unlock a vault, and the requests that they made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from medvault.domain.access import Role
from medvault.domain.identifiers import LaneId, PersonId, VaultId


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to open a vault, as the database has it; `own` is one of this very login.

    `locked_since` is the lock that it was made for, `locked_at` the one that the vault has now.
    """

    patient_id: PersonId
    locked_since: datetime
    locked_at: datetime | None
    own: bool
    late: bool
    approved: bool

    @property
    def changed(self) -> bool:
        """Whether the vault is open already, or was locked again since."""
        return self.locked_at != self.locked_since


@dataclass(frozen=True, slots=True)
class AskedOfJoining:
    """A request to let a vault read another one, `joined`, or no more, as the database has it.

    `changed` says that it can't be done any more: the vault that should read is locked, or the
    joining is undone already.
    """

    patient_id: PersonId
    joined: VaultId
    changed: bool
    own: bool
    late: bool
    approved: bool


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Files of a joined vault that were never filed, and whether that vault was locked."""

    unfiled: int
    locked: bool


class Desk(Protocol):
    """Vaults that are locked, and requests to open them, each under the name of a login."""

    def login(self) -> tuple[str, bool]:
        """Return the name of this login, and whether it is one of the desk."""
        ...

    def patient(self, identity: LaneId) -> PersonId | None:
        """Return whose the identity with this blind index is now."""
        ...

    def locked_at(self, patient_id: PersonId) -> datetime | None:
        """Return since when a vault is locked; None where it is not."""
        ...

    def ask(self, id: UUID, patient_id: PersonId, locked_since: datetime) -> None:
        """Note that this login asks for a vault to be opened."""
        ...

    def ask_joining(self, id: UUID, patient_id: PersonId, phone: LaneId) -> VaultId | None:
        """Note that this login asks for the vault that a phone number left behind to be joined.

        Returns that vault; None where there is none with reports.
        """
        ...

    def asked_to_join(self, id: UUID) -> AskedOfJoining | None:
        """Return a request, held until the unit of work ends."""
        ...

    def approve_joining(self, id: UUID) -> None:
        """Note that this login approves; the database refuses what is late or of the same login."""
        ...

    def give_access(self, id: UUID, patient_id: PersonId, vault_id: VaultId, role: Role) -> None:
        """Seal that a patient reads the vault of a request that was just approved."""
        ...

    def left_behind(self, id: UUID) -> LeftBehind:
        """Return what of a vault a request leaves behind that asks for it to be joined."""
        ...

    def ask_unjoining(self, id: UUID, phone: LaneId) -> tuple[PersonId, VaultId] | None:
        """Note that this login asks for the joining of what this phone number left to be undone.

        Returns the vault that reads and the one that was joined; None where there is none.
        """
        ...

    def asked_to_unjoin(self, id: UUID) -> AskedOfJoining | None:
        """Return a request, held until the unit of work ends."""
        ...

    def approve_unjoining(self, id: UUID) -> None:
        """Note that this login approves, which undoes it; refused as an approval of joining is."""
        ...

    def asked(self, id: UUID) -> Asked | None:
        """Return a request, held until the unit of work ends."""
        ...

    def approve(self, id: UUID) -> None:
        """Note that this login approves; the database refuses what is late or of the same login."""
        ...
