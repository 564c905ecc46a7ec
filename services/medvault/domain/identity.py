"""Who wrote: the identities that WhatsApp gives a person."""

from dataclasses import dataclass
from enum import StrEnum


class IdentityKind(StrEnum):
    """How an identity is known; only the first of these proves who somebody is."""

    BSUID = "bsuid"
    WA_ID = "wa_id"


@dataclass(frozen=True, slots=True)
class Contact:
    """The sender of a message as its webhook named them; a user name hides the phone number."""

    user_id: str | None
    phone: str | None

    @property
    def identity(self) -> tuple[IdentityKind, str]:
        """The identity that finds the vault: the BSUID, and the phone only where there is none.

        A phone number changes hands, so it never opens a vault that a BSUID owns.
        """
        if self.user_id:
            return IdentityKind.BSUID, self.user_id
        if self.phone:
            return IdentityKind.WA_ID, self.phone
        raise ValueError("a contact without any identity")
