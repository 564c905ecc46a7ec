"""The people with phones who write to the business."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from medvault.simulator.chats import Chat
from medvault.simulator.wamids import new_identity_hash, new_user_id

Presence = Literal["open", "closed", "offline"]
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]*")


@dataclass(slots=True)
class User:
    """A WhatsApp account. `phone` is `+` and digits, absent for who hides it behind a username.

    `presence`: open reads at once, closed only receives, offline doesn't even receive.
    `replaced`: the number went to somebody else; the account is no more.
    """

    id: str
    name: str
    phone: str | None
    user_id: str
    username: str | None
    chat: Chat
    identity_hash: str
    presence: Presence = "open"
    last_inbound: float = 0.0
    replaced: bool = False

    @property
    def wa_id(self) -> str | None:
        """The phone's digits without `+`."""
        return None if self.phone is None else self.phone[1:]

    def shown(self) -> dict[str, Any]:
        """The user as the control API answers it."""
        return {
            "id": self.id,
            "user_id": self.user_id,
            "phone": self.phone,
            "name": self.name,
            "username": self.username,
            "presence": self.presence,
            "replaced": self.replaced,
        }

    def recorded(self) -> dict[str, Any]:
        """The journal's record of the user."""
        return {
            **self.shown(),
            "identity_hash": self.identity_hash,
            "last_inbound": self.last_inbound,
        }


def normalized_phone(phone: str) -> str:
    """`+` and 8 to 15 digits (E.164).

    Raises:
        ValueError: it isn't a phone number.
    """
    digits = re.sub(r"\D", "", phone)
    if not _PHONE.fullmatch(phone.strip()) or not 8 <= len(digits) <= 15:
        message = "a phone is + and 8 to 15 digits, like +91 98765 43210; or null"
        raise ValueError(message)
    return f"+{digits}"


class Directory:
    """All users, by control id, by number and by business-scoped user id."""

    def __init__(self, country: str, chat_limit: int) -> None:
        self._country = country
        self._chat_limit = chat_limit
        self._by_id: dict[str, User] = {}
        self._by_wa_id: dict[str, User] = {}
        self._by_user_id: dict[str, User] = {}

    def __iter__(self) -> Iterator[User]:
        return iter(self._by_id.values())

    def add(self, name: str, phone: str | None, username: str | None) -> User:
        """A new account; a user who had the number loses it, as with a recycled SIM."""
        user = User(
            id=secrets.token_hex(6),
            name=name,
            phone=phone,
            user_id=new_user_id(self._country),
            username=username,
            chat=Chat(self._chat_limit),
            identity_hash=new_identity_hash(),
        )
        self._index(user)
        return user

    def restore(self, record: dict[str, Any]) -> None:
        """Put back, or bring up to date, a user from the journal."""
        known = self._by_id.get(record["id"])
        if known is not None:
            self._forget(known)
        chat = known.chat if known is not None else Chat(self._chat_limit)
        self._index(User(**record, chat=chat))

    def change_number(self, user: User, phone: str | None) -> None:
        """Give the account another number: its user id is regenerated."""
        self._forget(user)
        user.phone = phone
        user.user_id = new_user_id(self._country)
        self._index(user)

    def get(self, user_id: str) -> User | None:
        """By control id."""
        return self._by_id.get(user_id)

    def at_number(self, digits: str) -> User | None:
        """The user who has this number now."""
        return self._by_wa_id.get(digits)

    def with_user_id(self, user_id: str) -> User | None:
        """By business-scoped user id."""
        return self._by_user_id.get(user_id)

    def _index(self, user: User) -> None:
        self._by_id[user.id] = user
        if user.replaced:
            return
        self._by_user_id[user.user_id] = user
        if user.wa_id is None:
            return
        previous = self._by_wa_id.get(user.wa_id)
        if previous is not None and previous is not user:
            self._by_user_id.pop(previous.user_id, None)
            previous.replaced = True
        self._by_wa_id[user.wa_id] = user

    def _forget(self, user: User) -> None:
        self._by_user_id.pop(user.user_id, None)
        if user.wa_id is not None and self._by_wa_id.get(user.wa_id) is user:
            del self._by_wa_id[user.wa_id]
