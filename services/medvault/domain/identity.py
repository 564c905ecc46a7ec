"""The sender: the identities that WhatsApp gives a person, and whether they are still the same."""

from dataclasses import dataclass, replace
from enum import StrEnum


class IdentityKind(StrEnum):
    """How an identity is known; only the first of these proves who somebody is."""

    BSUID = "bsuid"
    WA_ID = "wa_id"


class Doubt(StrEnum):
    """Why a person may be another one than before.

    `KEY`: another identity key, as of a new phone or installation. `NUMBER`: another number or
    user id. `REFUSED`: WhatsApp refused a message for the key (137000). `DESK`: the clinic says so.
    `UNTOLD`: the database says that the vault is locked, and the conversation has not heard why.
    """

    KEY = "key"
    NUMBER = "number"
    REFUSED = "refused"
    DESK = "desk"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Contact:
    """The sender of a message as its webhook named them; a user name hides the phone number.

    `proof` is Meta's `identity_key_hash`, absent where the business has not switched its check on.
    """

    user_id: str | None
    phone: str | None
    proof: str | None = None

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

    def named_like(self, other: "Contact | None") -> bool:
        """Whether both have the same user id and the same phone."""
        return other is not None and replace(self, proof=other.proof) == other


def meet(known: Contact | None, shown: Contact) -> tuple[Contact, Doubt | None]:
    """Compare the known contact with the shown one; return how it is known now, and a doubt.

    Anything that a message leaves out stays as it was. The first key that is seen is taken for
    theirs: there is nothing to compare it with, and a vault may be older than the check of keys. A
    known user id is never replaced here: only WhatsApp's own `system` message does that.
    """
    if known is None:
        return shown, None
    if known.user_id and shown.user_id and shown.user_id != known.user_id:
        return known, Doubt.NUMBER
    met = Contact(
        known.user_id or shown.user_id, shown.phone or known.phone, shown.proof or known.proof
    )
    if known.proof and met.proof != known.proof:
        return met, Doubt.KEY
    if known.phone and met.phone != known.phone:
        return met, Doubt.NUMBER
    return met, None
