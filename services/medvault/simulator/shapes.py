"""Messages in every shape that Meta documents or that was seen in the field, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """The differences from a text: keys of the message and of the contact; None takes one out.

    `contact` is None where the webhook names none.
    """

    title: str
    message: Mapping[str, Any]
    contact: Mapping[str, Any] | None = field(default_factory=dict)


_HELLO = {"type": "text", "text": {"body": "hello"}}
_UNSUPPORTED = {"code": 131051, "title": "Message type unknown"}
_PLACE = {"latitude": 18.52, "longitude": 73.85}
_NEW_KEY = {"type": "customer_identity_changed"}
_FORM = {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{}"}}
_MEDIA = {"id": "1234567890123456", "mime_type": "video/mp4", "sha256": "c2hh"}

SHAPES: dict[str, Shape] = {
    "no-contacts": Shape("A text without contacts", _HELLO, None),
    "no-profile": Shape("A contact without a profile", _HELLO, {"profile": None}),
    "odd-profile": Shape("A profile that is a list", _HELLO, {"profile": []}),
    "no-type": Shape("A text without a type", {"text": {"body": "hello"}}),
    "no-id": Shape("A text without an id", {**_HELLO, "id": None}),
    "empty-id": Shape("A text with an empty id", {**_HELLO, "id": ""}),
    "plain-text": Shape("A text without a body around it", {"type": "text", "text": "hello"}),
    "no-text": Shape("A text of which nothing came", {"type": "text"}),
    "unheard-of": Shape("A type that does not exist yet", {"type": "hologram", "hologram": {}}),
    "unsupported": Shape("Unsupported", {"type": "unsupported", "errors": [_UNSUPPORTED]}),
    "no-code": Shape("An error without code", {"type": "unsupported", "errors": [{"title": "?"}]}),
    "no-errors": Shape("Unsupported without errors", {"type": "unsupported"}),
    "too-large": Shape("Over 100 MB", {"type": "unsupported", "errors": [{"code": 131052}]}),
    "unseen-edit": Shape(
        "An edit that is not shown",
        {"type": "unsupported", "errors": [_UNSUPPORTED], "unsupported": {"type": "edit"}},
    ),
    "request-welcome": Shape("The chat is opened", {"type": "request_welcome"}),
    "group": Shape("A text in a group", {**_HELLO, "group_id": "Z3JvdXA"}),
    "reaction": Shape("A reaction", {"type": "reaction", "reaction": {"emoji": "👍"}}),
    "no-reaction": Shape("A reaction taken back", {"type": "reaction", "reaction": {}}),
    "location": Shape("A place", {"type": "location", "location": _PLACE}),
    "contacts": Shape("An address card", {"type": "contacts", "contacts": [{"name": {}}]}),
    "order": Shape("An order", {"type": "order", "order": {"product_items": []}}),
    "audio": Shape("A voice note", {"type": "audio", "audio": {**_MEDIA, "voice": True}}),
    "video": Shape("A video", {"type": "video", "video": _MEDIA}),
    "sticker": Shape("A sticker", {"type": "sticker", "sticker": {**_MEDIA, "animated": False}}),
    "image-without-id": Shape("A photo without an id", {"type": "image", "image": {"id": ""}}),
    "form": Shape("A form's answer", {"type": "interactive", "interactive": _FORM}),
    "untyped-reply": Shape(
        "A tap without a type",
        {"type": "interactive", "interactive": {"button_reply": {"id": "menu:help"}}},
    ),
    "payload": Shape("A template's payload", {"type": "button", "button": {"payload": "hello"}}),
    "system": Shape("Other news", {"type": "system", "system": {"type": "other"}}, None),
    "new-key": Shape("Another identity", {"type": "system", "system": _NEW_KEY}, None),
    "moved-nowhere": Shape(
        "A new number untold", {"type": "system", "system": {"type": "user_changed_number"}}, None
    ),
}

_OF_ANOTHER: dict[str, Callable[[str], Json]] = {
    "edit": lambda wamid: {
        "type": "edit",
        "edit": {"original_message_id": wamid, "message": {**_HELLO, "context": {"id": "M0"}}},
    },
    "revoke": lambda wamid: {"type": "revoke", "revoke": {"original_message_id": wamid}},
}
_OF_IDS: dict[str, Callable[[str], tuple[Json, Json]]] = {
    "user-id-in-from": lambda user_id: (
        {**_HELLO, "from": user_id, "from_user_id": None},
        {"wa_id": user_id, "user_id": None},
    ),
    "empty-from": lambda user_id: (
        {**_HELLO, "from": "", "from_user_id": user_id},
        {"wa_id": "", "user_id": user_id},
    ),
}
NAMES = (*SHAPES, *_OF_ANOTHER, *_OF_IDS)


def shape(name: str, user_id: str, original: str) -> Shape:
    """Return the shape of this name for a user; `original` is the wamid that an edit names.

    Raises:
        KeyError: there is none of this name.
    """
    if name in _OF_ANOTHER:
        return Shape(name, _OF_ANOTHER[name](original))
    if name in _OF_IDS:
        return Shape(name, *_OF_IDS[name](user_id))
    return SHAPES[name]
