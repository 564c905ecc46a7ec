"""Webhooks of every type of message that Meta documents, with a canary in their strings."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from support.canaries import Canaries
from support.stack.meta import envelope

NUMBER = {"display_phone_number": "912255500100", "phone_number_id": "109876543210987"}
"""The simulator's business number."""

FILE = {"id": "1234567890", "mime_type": "application/pdf", "sha256": "c2hh", "url": "https://a.b"}
PRODUCT = {"product_retailer_id": "r1", "quantity": "1", "item_price": "1", "currency": "INR"}
TYPES: Mapping[str, Any] = {
    "text": {"body": "hello"},
    "image": {**FILE, "mime_type": "image/jpeg", "caption": "knee"},
    "document": {**FILE, "filename": "a.pdf", "caption": "knee"},
    "audio": {**FILE, "mime_type": "audio/ogg", "voice": True},
    "video": {**FILE, "mime_type": "video/mp4", "caption": "knee"},
    "sticker": {**FILE, "mime_type": "image/webp", "animated": False},
    "location": {"latitude": 1.5, "longitude": 2.5, "name": "home", "address": "a street"},
    "contacts": [
        {
            "name": {"formatted_name": "A B", "first_name": "A", "last_name": "B"},
            "phones": [{"phone": "+91", "wa_id": "91", "type": "HOME"}],
            "emails": [{"email": "a@b", "type": "HOME"}],
            "addresses": [{"street": "s", "city": "c", "zip": "1", "country": "x"}],
            "org": {"company": "c", "title": "t"}, "birthday": "2000-01-01",
        }
    ],
    "button": {"payload": "yes", "text": "Yes"},
    "interactive": {"type": "list_reply", "list_reply": {"id": "kind:lab", "title": "Lab test"}},
    "reaction": {"message_id": "wamid.x", "emoji": "\N{THUMBS UP SIGN}"},
    "order": {"catalog_id": "c", "text": "please", "product_items": [PRODUCT]},
    "system": {"type": "customer_identity_changed", "body": "b", "identity": "h", "wa_id": "9"},
    "edit": {"original_message_id": "wamid.x", "message": {"type": "text", "text": {"body": "b"}}},
    "revoke": {"original_message_id": "wamid.x"},
    "unsupported": {"type": "poll"},
    "hologram": {"depth": "deep", "parts": [{"name": "hand"}]},
}  # fmt: skip
ERROR = {"code": 131051, "title": "t", "message": "m", "error_data": {"details": "d"}, "href": "h"}
AROUND = {
    "timestamp": "1767225600",
    "context": {"from": "91", "id": "wamid.x", "referred_product": {"catalog_id": "c"}},
    "referral": {"source_url": "https://a.b", "headline": "h", "body": "b", "ctwa_clid": "c"},
    "errors": [ERROR],
}
STATUS = {
    "id": "wamid.x",
    "status": "failed",
    "timestamp": "1767225600",
    "recipient_id": "91",
    "recipient_user_id": "IN.1",
    "biz_opaque_callback_data": "x",
    "conversation": {"id": "c", "origin": {"type": "service"}},
    "pricing": {"category": "service"},
    "errors": [ERROR],
}
CARD = {"profile": {"name": "A", "username": "@a"}, "wa_id": "91", "user_id": "IN.1"}
STRUCTURAL = {"type", "status", "timestamp", "mime_type", "message_id"}
"""Strings that decide what is read further; alone they are replaced too."""


def filled(value: Any, canaries: Canaries) -> Any:
    """A value with a canary in place of each of its strings but the structural ones."""
    match value:
        case str():
            return canaries.word()
        case list():
            return [filled(item, canaries) for item in value]
        case dict():
            kept = {name for name in STRUCTURAL if isinstance(value.get(name), str)}
            return {
                name: item if name in kept else filled(item, canaries)
                for name, item in value.items()
            }
    return value


def one_by_one(value: Any, canaries: Canaries) -> Iterator[Any]:
    """The value once for each of its strings, only that one a canary; numbers are strings once."""
    for path in _leaves(value):
        changed = copy.deepcopy(value)
        place = changed
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = canaries.word()
        yield changed


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    elif path:
        yield path
    for name, item in items:
        yield from _leaves(item, (*path, name))


def messages(canaries: Canaries, *, each: bool) -> Iterator[dict[str, Any]]:
    """Message elements: one of each type; with `each` one for every value in each type too."""
    for kind, body in TYPES.items():
        element = {"type": kind, kind: body, **AROUND}
        yield _sent(filled(element, canaries), canaries)
        if each:
            for changed in one_by_one({"type": kind, kind: body}, canaries):
                yield _sent({**changed, "timestamp": "1767225600"}, canaries)
            yield _sent({"type": kind, "timestamp": "1767225600"}, canaries)


def _sent(element: dict[str, Any], canaries: Canaries) -> dict[str, Any]:
    named = {"from_user_id": canaries.word("IN."), "id": canaries.word("wamid.")}
    return {"from": canaries.word(), **named, **element}


def bodies(canaries: Canaries, *, each: bool) -> Iterator[bytes]:
    """Whole webhooks: messages, statuses, errors, other fields, shapes that Meta never sends."""
    for element in messages(canaries, each=each):
        card = filled(CARD, canaries) | {"user_id": element["from_user_id"]}
        yield _webhook({"contacts": [card], "messages": [element]})
    for status in [filled(STATUS, canaries), *(one_by_one(STATUS, canaries) if each else ())]:
        yield _webhook({"statuses": [status]})
    yield _webhook({"errors": [filled(ERROR, canaries)]})
    yield _webhook({"messages": canaries.word()})
    yield _webhook({"messages": [canaries.word(), {"id": canaries.word()}, [canaries.word()]]})
    yield _webhook({canaries.word(): canaries.word()})
    yield envelope({"field": canaries.word(), "value": {"event": canaries.word()}})
    yield json.dumps({"object": canaries.word(), "entry": canaries.word()}).encode()
    yield json.dumps([canaries.word()]).encode()
    yield f'{{"object": "{canaries.word()}'.encode()
    yield b"\xff\xfe" + canaries.word().encode("utf-16-le")
    yield canaries.word().encode() * 400


def _webhook(value: dict[str, Any]) -> bytes:
    return envelope({"field": "messages", "value": {"metadata": NUMBER, **value}})
