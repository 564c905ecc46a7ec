"""Messages of patients as the events that move a conversation (Meta, Cloud API: Webhooks)."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from medvault.adapters.whatsapp.senders import identifier
from medvault.domain.errors import Permanent
from medvault.domain.events import (
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
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment
from medvault.domain.typed import LONGEST_NAME, LONGEST_TEXT, file_name
from medvault.ports import Message

_TOO_LARGE = 131052
_CHANGES = ("user_changed_number", "user_changed_user_id")
_REPLIES = ("button_reply", "list_reply")


def read_message(content: bytes) -> Message:
    """Read the content of an update of kind `MESSAGE`.

    No string leaves here that is longer than somebody may look at (`typed.LONGEST_TEXT`).
    Raises `Permanent` where the shape is none that Meta documents; its text quotes nothing.
    """
    try:
        parts = orjson.loads(content)
        message, card = parts["m"], parts["c"]
        read = _READERS.get(message["type"], _unusable)
        proof = card.get("identity_key_hash")
        return Message(read(message), card["user_id"], card["wa_id"], message["id"], proof)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise Permanent("a message of unknown shape") from None


def _said(message: Any) -> Event:
    return _typed(message["text"]["body"])


def _pressed(message: Any) -> Event:
    return _typed(message["button"]["text"])


def _typed(value: Any) -> Event:
    text = _text(value)
    return Said(text) if len(text) <= LONGEST_TEXT else SaidTooMuch()


def _tapped(message: Any) -> Event:
    interactive = message["interactive"]
    kind = interactive["type"]
    if kind not in _REPLIES:
        return SentUnusable()
    return Tapped(_text(interactive[kind]["id"])[:LONGEST_NAME])


def _file(message: Any) -> Event:
    file = message[message["type"]]
    filename, caption = _optional(file.get("filename")), _optional(file.get("caption"))
    attachment = Attachment(
        handle=_identifier(file["id"]),
        mime_type=_text(file["mime_type"])[:LONGEST_NAME],
        sha256=(_optional(file.get("sha256")) or "")[:LONGEST_NAME] or None,
        filename=None if filename is None else file_name(filename),
    )
    # A caption is read as a date or not at all.
    return SentFile(attachment, caption if len(caption or "") <= LONGEST_TEXT else None)


def _unsupported(message: Any) -> Event:
    too_large = any(error["code"] == _TOO_LARGE for error in message.get("errors") or ())
    return SentTooLarge() if too_large else SentUnusable()


def _system(message: Any) -> Event:
    system = message["system"]
    if system["type"] not in _CHANGES:
        return Noticed()
    user_id, phone = _optional(system.get("user_id")), _optional(system.get("wa_id"))
    if not (user_id or phone):
        raise ValueError
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


_READERS: Mapping[str, Callable[[Any], Event]] = {
    "text": _said,
    "button": _pressed,
    "interactive": _tapped,
    "document": _file,
    "image": _file,
    "unsupported": _unsupported,
    "system": _system,
    "reaction": _noticed,
    "edit": _noticed,
    "revoke": _noticed,
}


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value


def _identifier(value: Any) -> str:
    """Only whole: what is cut off one makes another one of it."""
    if (found := identifier(value)) is None:
        raise ValueError
    return found


def _optional(value: Any) -> str | None:
    return None if value is None else _text(value)
