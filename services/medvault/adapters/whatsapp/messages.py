"""Messages of patients as the events that move a conversation (Meta, Cloud API: Webhooks)."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from medvault.adapters.whatsapp.senders import identifier
from medvault.domain.conversation.events import (
    Arrived,
    Deleted,
    Doubted,
    Edited,
    Event,
    Moved,
    Noticed,
    Said,
    SaidTooMuch,
    SentFile,
    SentTooLarge,
    SentUnusable,
    Tapped,
)
from medvault.domain.errors import Permanent
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Attachment
from medvault.domain.understanding.typed import LONGEST_NAME, LONGEST_TEXT, file_name
from medvault.ports import Message

_TOO_LARGE = 131052
_MOVES = ("user_changed_number", "user_changed_user_id", "customer_changed_number")
_OTHER_KEY = "customer_identity_changed"
_EDITABLE = ("text", "document", "image")


def read_message(content: bytes) -> Message:
    """Read the content of an update of kind `MESSAGE`.

    Every message that has a sender is read, if only as something that a vault has no use for. No
    string leaves here that is longer than somebody may look at (`typed.LONGEST_TEXT`). Raises
    `Permanent` where nothing is said in it at all; its text quotes nothing.
    """
    try:
        parts = orjson.loads(content)
        message, card = parts["m"], parts["c"]
        # A message in a group is not said to the vault.
        read = _noticed if message.get("group_id") else _READERS.get(_kind(message), _unusable)
        proof = card.get("identity_key_hash")
        wamid = identifier(message.get("id")) or ""
        return Message(read(message), card["user_id"], card["wa_id"], wamid, proof)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise Permanent("a message of unknown shape") from None


def _kind(message: Any) -> str | None:
    """Return a message's type; where it names none, the one whose body it has."""
    if kind := identifier(message.get("type")):
        return kind
    return next((known for known in _READERS if known in message), None)


def _said(message: Any) -> Event:
    text = message["text"]
    return _typed(text if type(text) is str else text["body"], message)


def _pressed(message: Any) -> Event:
    button = message["button"]
    return _typed(_optional(button, "text") or button["payload"], message)


def _typed(value: Any, message: Any) -> Event:
    text = _text(value)
    return Said(text, _mark(message.get("id"))) if len(text) <= LONGEST_TEXT else SaidTooMuch()


def _tapped(message: Any) -> Event:
    interactive = message["interactive"]
    for kind in ("button_reply", "list_reply"):
        if reply := interactive.get(kind):
            if chosen := _optional(reply, "id"):
                return Tapped(chosen[:LONGEST_NAME])
            return _typed(reply["title"], message)
    if interactive.get("type") in ("button_reply", "list_reply"):
        raise ValueError
    return SentUnusable()


def _file(message: Any) -> Event:
    file = message.get(_kind(message))
    if type(file) is not dict or not (handle := _handle(file)):
        return _failed(message)
    filename, caption = _optional(file, "filename"), _optional(file, "caption")
    attachment = Attachment(
        handle=handle,
        mime_type=(_optional(file, "mime_type") or "")[:LONGEST_NAME],
        sha256=(_optional(file, "sha256") or "")[:LONGEST_NAME] or None,
        filename=None if filename is None else file_name(filename),
    )
    # A caption is read as a date or not at all.
    read = caption if len(caption or "") <= LONGEST_TEXT else None
    return SentFile(attachment, read, _mark(message.get("id")))


def _handle(file: Any) -> str | None:
    handle = file.get("id")
    return str(handle) if type(handle) is int else identifier(handle)


def _failed(message: Any) -> Event:
    """Read what WhatsApp could not hand over."""
    errors = message.get("errors")
    found = errors if type(errors) is list else []
    codes = [one.get("code") for one in found if type(one) is dict]
    return SentTooLarge() if _TOO_LARGE in codes else SentUnusable()


def _unsupported(message: Any) -> Event:
    what = message.get("unsupported")
    if type(what) is dict and what.get("type") == "edit":
        return Edited()
    return _failed(message)


def _edited(message: Any) -> Event:
    edit = message["edit"]
    shown = edit.get("message")
    if type(shown) is not dict:
        return Edited()
    kind = _kind(shown)
    if kind not in _EDITABLE:
        return Noticed()
    read = _READERS[kind](shown | {"id": edit.get("original_message_id")})
    match read:
        case Said(text, mark) | SentFile(_, str() as text, mark):
            return Edited(mark, text)
        case SaidTooMuch():
            return read
        case _:
            return Noticed()


def _revoked(message: Any) -> Event:
    mark = _mark(message["revoke"].get("original_message_id"))
    return Deleted(mark) if mark else Noticed()


def _system(message: Any) -> Event:
    """Read what became of a sender; a number that changed to nobody knows which is in doubt."""
    system = message.get("system")
    kind = system.get("type") if type(system) is dict else None
    if kind == _OTHER_KEY:
        return Doubted(Doubt.KEY)
    if kind not in _MOVES:
        return Noticed()
    user_id = _optional(system, "user_id")
    phone = _optional(system, "wa_id") or _optional(system, "new_wa_id")
    if not (user_id or phone):
        return Doubted(Doubt.NUMBER)
    return Moved(
        Contact(
            _identifier(user_id) if user_id else None,
            _identifier(phone).removeprefix("+") if phone else None,
        )
    )


def _noticed(_message: Any) -> Event:
    return Noticed()


def _unusable(_message: Any) -> Event:
    return SentUnusable()


def _arrived(_message: Any) -> Event:
    return Arrived()


_READERS: Mapping[str | None, Callable[[Any], Event]] = {
    "text": _said,
    "button": _pressed,
    "interactive": _tapped,
    "document": _file,
    "image": _file,
    "unsupported": _unsupported,
    "system": _system,
    "reaction": _noticed,
    "edit": _edited,
    "revoke": _revoked,
    "request_welcome": _arrived,
}


def _mark(wamid: Any) -> str | None:
    """Return by what a message is known later: short, and without the phone number in a wamid."""
    if (found := identifier(wamid)) is None:
        return None
    return hashlib.blake2b(found.encode(), digest_size=8).hexdigest()


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value


def _identifier(value: Any) -> str:
    """Return an identifier only whole: one that is cut short is another one."""
    if (found := identifier(value)) is None:
        raise ValueError
    return found


def _optional(fields: Any, name: str) -> str | None:
    """Return a text that need not be there; any other value is as good as absent."""
    value = fields.get(name)
    return value if type(value) is str else None
