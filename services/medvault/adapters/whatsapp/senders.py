"""The sender of a message, by its own keys and the contact that the webhook gives beside it."""

from functools import cached_property
from typing import Any

from medvault.domain.identity import IdentityKind

_MAX_ID = 512
_MAX_DIGITS = 32

Card = dict[str, str | None]
Sender = tuple[tuple[IdentityKind, str], Card]


class Contacts:
    """The contacts of one webhook, which may carry messages of several people."""

    def __init__(self, contacts: Any) -> None:
        found = contacts if type(contacts) is list else []
        self._contacts = [contact for contact in found if type(contact) is dict]
        self._by_user_id = {
            user_id: contact for contact in self._contacts if (user_id := _known_as(contact))
        }

    @cached_property
    def _by_phone(self) -> dict[str, dict[str, Any]]:
        """Rarely asked for: nearly everybody is found by their user id."""
        return {
            phone: contact for contact in self._contacts if (phone := _phone(contact.get("wa_id")))
        }

    def sender(self, message: dict[str, Any]) -> Sender | None:
        """Return the identity and the card of a message's sender; None where nobody is named.

        A `system` message belongs to the person under the identity that they had before.
        """
        user_id = identifier(message.get("from_user_id")) or _user_id(message.get("from"))
        phone = _phone(message.get("from"))
        if message.get("type") == "system":
            system = message.get("system")
            before = system if type(system) is dict else {}
            user_id = identifier(before.get("previous_user_id")) or user_id
            phone = phone or _phone(before.get("customer"))
        contact = self._contact(user_id, phone)
        identity_key_hash = None
        if contact is not None:
            user_id = user_id or _known_as(contact)
            phone = phone or _phone(contact.get("wa_id"))
            identity_key_hash = identifier(contact.get("identity_key_hash"))
        card: Card = {"user_id": user_id, "wa_id": phone, "identity_key_hash": identity_key_hash}
        if user_id:
            return (IdentityKind.BSUID, user_id), card
        if phone:
            return (IdentityKind.WA_ID, phone), card
        return None

    def _contact(self, user_id: str | None, phone: str | None) -> dict[str, Any] | None:
        if user_id is None:
            return self._by_phone.get(phone) if phone else None
        contact = self._by_user_id.get(user_id)
        if contact is None and phone:
            contact = self._by_phone.get(phone)
            if contact is not None and _known_as(contact):
                # Somebody else's: a number changes hands, a user id never does.
                return None
        return contact


def identifier(value: Any) -> str | None:
    """Return an identifier of Meta's, or None for what can be none: 1 to 512 characters."""
    return value if type(value) is str and 0 < len(value) <= _MAX_ID else None


def _known_as(contact: dict[str, Any]) -> str | None:
    return identifier(contact.get("user_id")) or _user_id(contact.get("wa_id"))


def _user_id(value: Any) -> str | None:
    """Return a user id (`IN.1349…`) that stands where a phone number is expected."""
    if type(value) is not str or not 3 < len(value) <= _MAX_ID or value[2] != ".":
        return None
    country, rest = value[:2], value[3:]
    both = (country + rest).isascii()
    return value if both and country.isalpha() and country.isupper() and rest.isalnum() else None


def _phone(value: Any) -> str | None:
    if type(value) is int:
        value = str(value)
    if type(value) is not str:
        return None
    digits = value.removeprefix("+")
    if 0 < len(digits) <= _MAX_DIGITS and digits.isascii() and digits.isdigit():
        return digits
    return None
