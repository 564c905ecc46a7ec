"""Webhooks cut into updates (Meta, Cloud API: Webhooks, `messages`).

This runs before a webhook is answered, thousands of times a second: plain loops, no models.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import orjson

from medvault.adapters.whatsapp.bounds import bounded
from medvault.adapters.whatsapp.messages import read_message
from medvault.adapters.whatsapp.senders import Contacts, identifier
from medvault.adapters.whatsapp.statuses import read_status
from medvault.domain.outbound import Delivered
from medvault.domain.updates import Update, UpdateKind
from medvault.ports import Message

_LARGE = 8 * 1024
"""Bytes: more than any message has whose texts are of a length that is looked at."""


class WebhookReader:
    """Reads what Meta posts and trusts none of its shapes.

    The content of a message is `{"m": message, "c": sender}`, with the sender's `user_id`,
    `wa_id` and `identity_key_hash`; that of a status is the status. A large one is stored as
    `bounded` leaves it, not to be carried along at full length. What is kept is the smallest
    element that was not understood, or `{"body": base64}` where there was none.
    """

    def split(self, body: bytes) -> Sequence[Update]:
        """Cut a webhook's body into one update for each element; never raises."""
        try:
            return _split(_parse(body))
        except (ValueError, TypeError, RecursionError):
            content = orjson.dumps({"body": base64.b64encode(body).decode()})
            return [Update(UpdateKind.KEPT, _digest(body), content)]

    def read_message(self, content: bytes) -> Message:
        """Read a message; raises `Permanent` where its shape is none that Meta documents."""
        return read_message(content)

    def read_status(self, content: bytes) -> Delivered | None:
        """Read a status; None where its name is none that moves a message."""
        return read_status(content)


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # The standard library also reads half a surrogate pair: one such text among a thousand
        # messages is kept, the others are answered.
        return json.loads(body.decode())


def _split(root: Any) -> list[Update]:
    updates: list[Update] = []
    if type(root) is not dict or root.get("object") != "whatsapp_business_account":
        return [_kept(root)]
    entries = root.get("entry")
    if type(entries) is not list:
        return [_kept(root)]
    for entry in entries:
        changes = entry.get("changes") if type(entry) is dict else None
        if type(changes) is not list:
            updates.append(_kept(entry))
            continue
        for change in changes:
            value = change.get("value") if type(change) is dict else None
            if type(value) is not dict or change.get("field") != "messages":
                updates.append(_kept(change))
            else:
                _split_value(value, change, updates)
    return updates


def _split_value(value: dict[str, Any], change: dict[str, Any], updates: list[Update]) -> None:
    messages, statuses, errors = value.get("messages"), value.get("statuses"), value.get("errors")
    if messages is None and statuses is None and errors is None:
        updates.append(_kept(change))
        return
    if messages is not None:
        contacts = Contacts(value.get("contacts"))
        updates.extend(_message(found, contacts) or _kept(found) for found in _elements(messages))
    if statuses is not None:
        updates.extend(_status(found) or _kept(found) for found in _elements(statuses))
    if errors is not None:
        updates.extend(map(_kept, _elements(errors)))


def _elements(value: Any) -> list[Any]:
    return value if type(value) is list else [value]


def _message(element: Any, contacts: Contacts) -> Update | None:
    if type(element) is not dict:
        return None
    wamid = identifier(element.get("id"))
    sender = contacts.sender(element)
    if wamid is None or sender is None or identifier(element.get("type")) is None:
        return None
    identity, card = sender
    try:
        content = orjson.dumps({"m": element, "c": card})
        if len(content) > _LARGE:
            content = orjson.dumps({"m": bounded(element), "c": card})
    except TypeError:
        return None
    return Update(UpdateKind.MESSAGE, f"message|{wamid}", content, identity)


def _status(element: Any) -> Update | None:
    if type(element) is not dict:
        return None
    wamid, name = identifier(element.get("id")), identifier(element.get("status"))
    timestamp = element.get("timestamp")
    if type(timestamp) is not int:
        timestamp = identifier(timestamp)
    if wamid is None or name is None or timestamp is None:
        return None
    try:
        content = orjson.dumps(element)
        if len(content) > _LARGE:
            content = orjson.dumps(bounded(element))
    except TypeError:
        return None
    return Update(UpdateKind.STATUS, f"status|{wamid}|{name}|{timestamp}", content)


def _kept(element: Any) -> Update:
    try:
        content = orjson.dumps(element)
    except TypeError:
        content = json.dumps(element).encode()
    return Update(UpdateKind.KEPT, _digest(content), content)


def _digest(content: bytes) -> str:
    return "digest|" + hashlib.sha256(content).hexdigest()
