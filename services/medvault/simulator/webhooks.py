"""Webhook bodies: the updates, their envelope, Meta's escaping and signature."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from medvault.simulator.account import Account

MAX_UPDATES = 1_000
MAX_BYTES = 3_000_000


@dataclass(slots=True)
class MessageUpdate:
    """A user's message on its way to the webhook; its element is dropped once it arrived.

    `lane` is the sender: a phone sends its next message after this one was taken.
    """

    wamid: str
    lane: str
    element: dict[str, Any] | None
    contact: dict[str, Any] | None

    @property
    def key(self) -> str:
        """The key that makes it unique."""
        return self.wamid


@dataclass(slots=True)
class StatusUpdate:
    """One step of a sent message: sent, delivered, read or failed. `timestamp` is Unix seconds."""

    wamid: str
    status: str
    timestamp: int
    recipient_id: str | None
    recipient_user_id: str | None
    identity_hash: str | None
    opaque: str | None
    error: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """The key that makes it unique."""
        return f"{self.wamid}|{self.status}|{self.timestamp}"

    def element(self) -> dict[str, Any]:
        """The element of `statuses`."""
        element: dict[str, Any] = {
            "id": self.wamid,
            "status": self.status,
            "timestamp": str(self.timestamp),
        }
        if self.recipient_id is not None:
            element["recipient_id"] = self.recipient_id
        if self.recipient_user_id is not None:
            element["recipient_user_id"] = self.recipient_user_id
        if self.identity_hash is not None:
            element["recipient_identity_key_hash"] = self.identity_hash
        if self.opaque is not None:
            element["biz_opaque_callback_data"] = self.opaque
        if self.error is not None:
            element["errors"] = [self.error]
        else:
            element["pricing"] = _PRICING
        return element


_PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}
Update = MessageUpdate | StatusUpdate


def envelope(account: Account, updates: Sequence[Update]) -> bytes:
    """One POST's body: every message a change with its contact, all statuses one change."""
    changes = []
    statuses = []
    for update in updates:
        if isinstance(update, StatusUpdate):
            statuses.append(update.element())
            continue
        value = _value(account)
        if update.contact is not None:
            value["contacts"] = [update.contact]
        value["messages"] = [update.element]
        changes.append({"value": value, "field": "messages"})
    if statuses:
        changes.append({"value": {**_value(account), "statuses": statuses}, "field": "messages"})
    entry = {"id": account.waba_id, "changes": changes}
    return escaped({"object": "whatsapp_business_account", "entry": [entry]})


def _value(account: Account) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": account.display_phone_number,
            "phone_number_id": account.phone_number_id,
        },
    }


def escaped(body: dict[str, Any]) -> bytes:
    r"""Compact JSON in which every code point above U+007F is written \uXXXX, as Meta signs it."""
    plain = orjson.dumps(body)
    if plain.isascii():
        return plain
    return json.dumps(body, separators=(",", ":")).encode("ascii")


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
