"""Messages as `POST /{phone-number-id}/messages` takes them (Meta, Cloud API: Messages)."""

from typing import Any

import orjson

from medvault.domain.identity import Contact
from medvault.domain.media import FileKind
from medvault.domain.outbound import Document, Outgoing, Typing
from medvault.domain.replies import MAX_BODY, MAX_BUTTONS, MAX_ROWS, Button, Reply, Row

_TEXT = 4096
_CAPTION = 1024
_ID = 200
_BUTTON_TITLE = 20
_ROW_TITLE = 24
_ROW_DESCRIPTION = 72
_TYPES = {FileKind.PDF: "document", FileKind.JPEG: "image", FileKind.PNG: "image"}


def encode(message: Outgoing) -> bytes:
    """Write the JSON of one call.

    Raises `ValueError` for what Meta would refuse: the domain should not have let it through.
    """
    content = message.content
    if isinstance(content, Typing):
        return orjson.dumps(
            {
                "messaging_product": "whatsapp",
                "status": "read",
                "message_id": content.wamid,
                "typing_indicator": {"type": "text"},
            }
        )
    kind, node = _document(content) if isinstance(content, Document) else _reply(content)
    return orjson.dumps(
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **_address(message.to),
            "type": kind,
            kind: node,
            "biz_opaque_callback_data": str(message.reference),
            **_proof(message.to),
        }
    )


def _address(contact: Contact) -> dict[str, str]:
    # Given both `to` and `recipient` Meta obeys `to`, and a phone number changes hands: never both.
    if contact.user_id:
        return {"recipient": contact.user_id}
    if contact.phone:
        return {"to": f"+{contact.phone}"}
    raise ValueError("a message to nobody")


def _proof(contact: Contact) -> dict[str, str]:
    """Meta refuses the message (137000) if this is not the recipient's key any more."""
    return {"recipient_identity_key_hash": contact.proof} if contact.proof else {}


def _document(document: Document) -> tuple[str, dict[str, str]]:
    if document.kind is None or document.handle is None:
        raise ValueError("the file is not uploaded")
    kind = _TYPES.get(document.kind)
    if kind is None:
        raise ValueError("Meta does not take files of this kind")
    node = {"id": document.handle}
    if document.caption:
        node["caption"] = _within(document.caption, _CAPTION)
    if kind == "document":
        node["filename"] = document.filename
    return kind, node


def _reply(reply: Reply) -> tuple[str, dict[str, Any]]:
    if not reply.buttons and not reply.rows:
        return "text", {"body": _within(reply.body, _TEXT)}
    if reply.buttons and reply.rows:
        raise ValueError("buttons and a list don't go together")
    body = {"text": _within(reply.body, MAX_BODY)}
    if reply.buttons:
        action = {"buttons": _buttons(reply.buttons)}
        return "interactive", {"type": "button", "body": body, "action": action}
    menu = {
        "button": _within(reply.menu, _BUTTON_TITLE),
        "sections": [{"rows": _rows(reply.rows)}],
    }
    return "interactive", {"type": "list", "body": body, "action": menu}


def _buttons(buttons: tuple[Button, ...]) -> list[dict[str, Any]]:
    if len(buttons) > MAX_BUTTONS or len({button.title for button in buttons}) < len(buttons):
        raise ValueError("too many buttons, or two with one title")
    _distinct([button.id for button in buttons])
    return [
        {
            "type": "reply",
            "reply": {
                "id": _within(button.id, _ID),
                "title": _within(button.title, _BUTTON_TITLE),
            },
        }
        for button in buttons
    ]


def _rows(rows: tuple[Row, ...]) -> list[dict[str, str]]:
    if len(rows) > MAX_ROWS:
        raise ValueError("too many rows")
    _distinct([row.id for row in rows])
    return [_row(row) for row in rows]


def _row(row: Row) -> dict[str, str]:
    node = {"id": _within(row.id, _ID), "title": _within(row.title, _ROW_TITLE)}
    if row.description:
        node["description"] = _within(row.description, _ROW_DESCRIPTION)
    return node


def _distinct(ids: list[str]) -> None:
    if len(set(ids)) < len(ids):
        raise ValueError("two answers with one id")


def _within(text: str, longest: int) -> str:
    if not 0 < len(text) <= longest:
        raise ValueError(f"a text must have 1 to {longest} characters")
    return text
