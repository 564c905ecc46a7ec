"""Checks of the body of `POST /{phone-number-id}/messages`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from medvault.simulator import limits
from medvault.simulator.errors import GraphError, invalid, missing
from medvault.simulator.interactive import Content, parse_interactive

BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}")


@dataclass(slots=True)
class Send:
    """A send whose form is right; recipient, media and window are still to be checked.

    `content` is what the phone shows; `media` holds (message type, media id) pairs.
    """

    to: str | None
    recipient: str | None
    type: str
    content: Content
    media: list[tuple[str, str]]
    context: str | None
    opaque: str | None
    identity_hash: str | None


def parse_send(body: Any) -> Send:
    """Check the form of a send against Meta's limits.

    Raises:
        GraphError: Meta's answer (100, 131008, 131009, 131051, 131062).
    """
    require_whatsapp(body)
    if body.get("recipient_type", "individual") != "individual":
        raise invalid("Param recipient_type must be individual.")
    to, recipient = _address(body)
    kind = body.get("type", "text")
    parser = _PARSERS.get(kind) if isinstance(kind, str) else None
    if parser is None:
        raise GraphError(131051, "Message type is not currently supported.")
    node = body.get(kind)
    if not isinstance(node, list if kind == "contacts" else dict):
        raise missing(kind)
    content, media = parser(kind, node)
    context = body.get("context")
    return Send(
        to=to,
        recipient=recipient,
        type=kind,
        content=content,
        media=media,
        context=context.get("message_id") if isinstance(context, dict) else None,
        opaque=limits.optional_text(
            body.get("biz_opaque_callback_data"), "biz_opaque_callback_data", limits.OPAQUE_DATA
        ),
        identity_hash=body.get("recipient_identity_key_hash"),
    )


def require_whatsapp(body: Any) -> None:
    """Refuse what is no object for WhatsApp (code 100)."""
    if not isinstance(body, dict):
        raise GraphError(100, "The body must be a JSON object.")
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required and must be whatsapp.")


def _address(body: dict[str, Any]) -> tuple[str | None, str | None]:
    to, recipient = body.get("to"), body.get("recipient")
    if to:
        if not isinstance(to, str):
            raise GraphError(100, "Param to must be a string.")
        return to, None
    if not recipient:
        raise GraphError(100, "The parameter to is required.")
    if not isinstance(recipient, str) or not BSUID.fullmatch(recipient):
        raise invalid("Param recipient must be a business-scoped user id.")
    return None, recipient


Parsed = tuple[Content, list[tuple[str, str]]]


def _text(_kind: str, node: Any) -> Parsed:
    return {"text": limits.text(node.get("body"), "text['body']", limits.TEXT_BODY)}, []


def _media(kind: str, node: Any) -> Parsed:
    media_id, link = node.get("id"), node.get("link")
    if (media_id is None) == (link is None):
        raise GraphError(100, f"Param {kind} needs either id or link.")
    content: Content = {}
    caption = node.get("caption")
    if caption is not None:
        if kind in ("audio", "sticker"):
            raise GraphError(100, f"Param {kind}['caption'] is not allowed.")
        content["text"] = limits.text(caption, f"{kind}['caption']", limits.CAPTION)
    if kind == "document" and node.get("filename"):
        content["filename"] = limits.text(node["filename"], "document['filename']", 240)
    if link is not None:
        content["link"] = {"title": kind, "url": limits.text(link, f"{kind}['link']", 2000)}
        return content, []
    if not isinstance(media_id, str):
        raise GraphError(100, f"Param {kind}['id'] must be a string.")
    content["media_id"] = media_id
    return content, [(kind, media_id)]


def _interactive(_kind: str, node: Any) -> Parsed:
    return parse_interactive(node)


def _reaction(_kind: str, node: Any) -> Parsed:
    target = limits.text(node.get("message_id"), "reaction['message_id']", 256)
    return {"reply_to": target, "text": node.get("emoji") or ""}, []


def _template(_kind: str, node: Any) -> Parsed:
    name = limits.text(node.get("name"), "template['name']", 512)
    language = node.get("language")
    if not isinstance(language, dict) or not language.get("code"):
        raise missing("template['language']['code']")
    words = [name]
    buttons = []
    for component in _objects(node.get("components", []), "template['components']"):
        for parameter in _objects(component.get("parameters", []), "template['parameters']"):
            if "text" in parameter:
                words.append(str(parameter["text"]))
            if "payload" in parameter:
                payload = str(parameter["payload"])
                buttons.append({"id": payload, "title": payload[: limits.BUTTON_TITLE]})
    content: Content = {"text": " · ".join(words), "template": name}
    if buttons:
        content["buttons"] = buttons
    return content, []


def _objects(value: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid(f"Param {name} must be an array of objects.")
    return value


def _location(_kind: str, node: Any) -> Parsed:
    if "latitude" not in node or "longitude" not in node:
        raise missing("location['latitude'] and location['longitude']")
    return {"text": node.get("name") or f"{node['latitude']}, {node['longitude']}"}, []


def _contacts(_kind: str, node: Any) -> Parsed:
    cards = _objects(node, "contacts")
    names = [
        limits.text(card["name"].get("formatted_name"), "contacts['name']['formatted_name']", 1024)
        for card in cards
        if isinstance(card.get("name"), dict)
    ]
    if not names or len(names) != len(cards):
        raise missing("contacts['name']")
    return {"text": ", ".join(names)}, []


_PARSERS: dict[str, Callable[[str, Any], Parsed]] = {
    "text": _text,
    "image": _media,
    "document": _media,
    "audio": _media,
    "video": _media,
    "sticker": _media,
    "interactive": _interactive,
    "reaction": _reaction,
    "template": _template,
    "location": _location,
    "contacts": _contacts,
}
