"""Webhooks cut into updates (Meta, Cloud API: Webhooks, `messages`).

This runs before a webhook is answered, thousands of times a second: plain loops, no models.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import orjson
from typing_extensions import override

from medvault.adapters.whatsapp import notices
from medvault.adapters.whatsapp.bounds import bounded
from medvault.adapters.whatsapp.messages import read_message
from medvault.adapters.whatsapp.numbers import Numbers
from medvault.adapters.whatsapp.senders import Contacts, identifier
from medvault.adapters.whatsapp.statuses import read_status
from medvault.domain.outbound import DeliveryStatus
from medvault.domain.updates import Update, UpdateKind
from medvault.ports import InboundReader, Message

MAX_UPDATES = 2000
"""Meta puts up to 1,000 into a webhook."""

_LONG = 8 * 1024
"""Bytes: more than any message has whose texts are of a length that is looked at."""
_LARGE = 64 * 1024
_TOKENS = 100_000
"""Commas and opened brackets; a thousand messages have half of them."""


class WebhookReader(InboundReader):
    """Reads what Meta posts and trusts none of its shapes.

    The content of a message is `{"m": message, "c": sender}`, with the sender's `user_id`,
    `wa_id` and `identity_key_hash`; that of a status is the status. A long one is stored as
    `bounded` leaves it, not to be carried along at full length. An update that is only kept has the
    smallest element that was not understood, or `{"body": base64}` where there was none, or too
    many.
    """

    def __init__(self, numbers: Numbers | None = None) -> None:
        self._numbers = numbers or Numbers()

    @override
    def split(self, body: bytes) -> Sequence[Update]:
        """Cut a webhook's body into one update for each element; never raises.

        An element that is another number's, or tells of the account, is counted and left out.
        """
        try:
            if len(body) >= _LARGE and _dense(body):
                raise _TooMany
            return _split(_parse(body), self._numbers)
        except (ValueError, TypeError, RecursionError):
            content = orjson.dumps({"body": base64.b64encode(body).decode()})
            return [Update(UpdateKind.KEPT, _digest(body), content)]

    @override
    def read_message(self, content: bytes) -> Message:
        """Read a message; raises `Permanent` where its shape is none that Meta documents."""
        return read_message(content)

    @override
    def read_status(self, content: bytes) -> DeliveryStatus | None:
        """Read a status; None where its name is none that moves a message."""
        return read_status(content)


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # The standard library also reads half a surrogate pair.
        return json.loads(body.decode())


class _TooMany(ValueError):
    """More than Meta would ever put into a webhook: it is kept as it is."""


def _dense(body: bytes) -> bool:
    """Whether parsing would take long, a million lists being in it; texts don't count."""
    if _tokens(body) <= _TOKENS:
        return False
    texts = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    if texts.count(b'"') > 2 * _TOKENS:
        return True
    return _tokens(b"".join(texts.split(b'"')[::2])) > _TOKENS


def _tokens(body: bytes) -> int:
    return sum(map(body.count, (b",", b"[", b"{")))


def _split(root: Any, numbers: Numbers) -> list[Update]:
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
            _require_few(updates)
            continue
        for change in changes:
            value = change.get("value") if type(change) is dict else None
            if type(value) is not dict:
                updates.append(_kept(change))
            elif numbers.own is None or _named(value) in (None, numbers.own):
                _split_change(value, change, updates)
            elif ours := numbers.ours(change, str(_named(value))):
                _split_change(ours, change, updates)
            _require_few(updates)
    return updates


def _named(value: dict[str, Any]) -> Any:
    """Return the id of the number that a change came for; one that names none is for everybody."""
    metadata = value.get("metadata")
    return metadata.get("phone_number_id") if type(metadata) is dict else None


def _require_few(updates: Sequence[Any]) -> None:
    if len(updates) > MAX_UPDATES:
        raise _TooMany


def _split_change(value: dict[str, Any], change: dict[str, Any], updates: list[Update]) -> None:
    field = change.get("field")
    if notices.taken(field, value):
        return
    messages, statuses, errors = value.get("messages"), value.get("statuses"), value.get("errors")
    if field != "messages" or (messages is statuses is errors is None):
        updates.append(_kept(change))
        return
    if messages is not None:
        people = _elements(value.get("contacts"))
        contacts = Contacts(people)
        updates.extend(_message(found, contacts) or _kept(found) for found in _elements(messages))
    if statuses is not None:
        updates.extend(_status(found) or _kept(found) for found in _elements(statuses))
    if errors is not None:
        unread = [found for found in _elements(errors) if not notices.reported(found)]
        updates.extend(map(_kept, unread))


def _elements(value: Any) -> list[Any]:
    if type(value) is not list:
        return [value]
    _require_few(value)
    return value


def _message(element: Any, contacts: Contacts, *, mended: bool = False) -> Update | None:
    if type(element) is not dict:
        return None
    sender = contacts.sender(element)
    if sender is None:
        return None
    identity, card = sender
    try:
        content = orjson.dumps({"m": element, "c": card})
        if len(content) > _LONG:
            content = orjson.dumps({"m": bounded(element), "c": card})
    except TypeError:
        return None if mended else _message(_mended(element), contacts, mended=True)
    if (wamid := identifier(element.get("id"))) is not None:
        return Update(UpdateKind.MESSAGE, f"message|{wamid}", content, identity)
    return Update(UpdateKind.MESSAGE, f"message|{_digest(content)}", content, identity)


def _mended(element: Any) -> Any:
    """Put question marks where half a surrogate pair stands; None where more than that is odd."""
    try:
        return orjson.loads(json.dumps(element, ensure_ascii=False).encode(errors="replace"))
    except ValueError:
        return None


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
        if len(content) > _LONG:
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
