"""A user's acts on the phone, told to the business as webhooks."""

import mimetypes
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from medvault.simulator import errors, limits
from medvault.simulator.chats import ChatMessage
from medvault.simulator.forms import FormFile
from medvault.simulator.shapes import shape
from medvault.simulator.simulation import Simulation
from medvault.simulator.users import User
from medvault.simulator.wamids import new_identity_hash, new_wamid
from medvault.simulator.webhooks import MessageUpdate


class NotOnOffer(Exception):
    """No message in the chat has this button or row; `choices` are those on offer."""

    def __init__(self, choices: list[str]) -> None:
        super().__init__("no message in this chat offers this choice")
        self.choices = choices


def send_text(world: Simulation, user: User, text: str) -> str:
    """The user writes; returns the wamid, as all of these do."""
    return _send(world, user, "text", {"text": {"body": text}}, {"text": text})


def tap(world: Simulation, user: User, choice: str, wamid: str | None) -> str:
    """The user taps a reply button, a list row or a template's quick reply.

    Raises:
        NotOnOffer: no message (or not the named one) has it.
    """
    found = user.chat.offering(choice, wamid)
    if found is None:
        raise NotOnOffer(user.chat.choices())
    asked, option = found
    shown = {"text": option["title"], "reply_to": asked.wamid}
    context = {"from": world.account.display_phone_number, "id": asked.wamid}
    if asked.type == "template":
        button = {"payload": option["id"], "text": option["title"]}
        return _send(world, user, "button", {"button": button, "context": context}, shown)
    kind = "button_reply" if "buttons" in asked.content else "list_reply"
    reply = {key: option[key] for key in ("id", "title", "description") if key in option}
    body = {"interactive": {"type": kind, kind: reply}, "context": context}
    return _send(world, user, "interactive", body, shown)


def send_file(
    world: Simulation, user: User, file: FormFile, caption: str, *, as_document: bool
) -> str:
    """The user sends a file; one beyond Meta's 100 MB arrives as `unsupported` (131052)."""
    if file.written.too_large:
        file.written.discard()
        error = {
            "code": 131052,
            "title": errors.title(131052),
            "message": errors.title(131052),
            "error_data": {"details": "The file is larger than 100 MB and can't be downloaded."},
        }
        shown = {"text": caption, "filename": file.filename}
        return _send(world, user, "unsupported", {"errors": [error]}, shown)
    mime_type = _mime_type(file)
    kind = "document" if as_document else _kind(mime_type)
    filename = file.filename if kind == "document" else None
    media = world.media.add(file.written, mime_type, filename, world.options.inbound_media_ttl)
    media.shown = True
    world.keep_media(media)
    node = {"id": media.id, "mime_type": mime_type, "sha256": media.sha256}
    shown = {"media_id": media.id, "mime_type": mime_type}
    if filename is not None:
        node["filename"] = shown["filename"] = filename
    if caption:
        node["caption"] = shown["text"] = caption
    return _send(world, user, kind, {kind: node}, {**shown, "file_size": media.file_size})


def send_raw(world: Simulation, user: User, element: dict[str, Any]) -> str:
    """Any message body, merged over what every message has; null takes a key out."""
    kind = str(element.get("type", "unknown"))
    return _send(world, user, kind, element, {"text": f"[{kind}]"})


def send_shape(world: Simulation, user: User, name: str, original: str | None) -> str:
    """A message in one of the shapes of `shapes`; an edit or a deletion names the newest message.

    Raises:
        KeyError: there is no shape of this name.
    """
    own = [one.wamid for one in user.chat.after("") if one.direction == "inbound"]
    found = shape(name, user.user_id, original or (own[-1] if own else ""))
    kind = str(found.message.get("type") or "unknown")
    body = {"type": None, **found.message}
    return _send(world, user, kind, body, {"text": f"[{name}]"}, found.contact)


def change_number(world: Simulation, user: User, phone: str | None) -> str:
    """The user's number changes, and with it the user id; the business hears a `system` message."""
    previous_wa_id, previous_user_id = user.wa_id, user.user_id
    world.users.change_number(user, phone)
    user.identity_hash = new_identity_hash()
    system = {
        "body": f"User {user.name} changed from {previous_wa_id or previous_user_id} "
        f"to {user.wa_id or user.user_id}",
        "type": "user_changed_number" if user.wa_id else "user_changed_user_id",
        "user_id": user.user_id,
        "previous_user_id": previous_user_id,
    }
    if user.wa_id is not None:
        system["wa_id"] = user.wa_id
    now = world.clock()
    wamid = new_wamid(previous_wa_id or previous_user_id, inbound=True)
    element: dict[str, Any] = {} if previous_wa_id is None else {"from": previous_wa_id}
    if world.account.user_ids or previous_wa_id is None:
        element["from_user_id"] = previous_user_id
    else:
        del system["user_id"], system["previous_user_id"]
    element |= {"id": wamid, "timestamp": str(int(now)), "type": "system", "system": system}
    shown = {"text": f"Changed number to {phone or 'a hidden one'}"}
    world.keep_user(user)
    world.show(user, ChatMessage(wamid, "inbound", "system", shown, "sent", now))
    world.submit([MessageUpdate(wamid, user.id, element, None)])
    return wamid


def change_identity(world: Simulation, user: User) -> None:
    """The app was installed again or on another phone: another identity key, no message."""
    user.identity_hash = new_identity_hash()
    world.keep_user(user)


def _send(
    world: Simulation,
    user: User,
    kind: str,
    body: Mapping[str, Any],
    shown: dict[str, Any],
    changed: Mapping[str, Any] | None = MappingProxyType({}),
) -> str:
    """Send a message, and with it its contact, `changed`; None leaves out the contact."""
    now = world.clock()
    wamid = new_wamid(user.wa_id or user.user_id, inbound=True)
    element: dict[str, Any] = {}
    profile = {"name": user.name}
    contact: dict[str, Any] = {"profile": profile}
    if world.account.user_ids or user.wa_id is None:
        element["from_user_id"] = contact["user_id"] = user.user_id
    if user.wa_id is not None:
        element["from"] = contact["wa_id"] = user.wa_id
    if user.username is not None:
        profile["username"] = user.username
    if world.account.identity_check:
        contact["identity_key_hash"] = user.identity_hash
    element |= {"id": wamid, "timestamp": str(int(now)), "type": kind, **body}
    element = _without_none(element)
    wamid = str(element.get("id", wamid))
    user.last_inbound = now
    world.tier.admit("", now)
    world.keep_user(user)
    world.show(user, ChatMessage(wamid, "inbound", kind, shown, "sent", now))
    named = None if changed is None else _without_none({**contact, **changed})
    world.submit([MessageUpdate(wamid, user.id, element, named)])
    return wamid


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _mime_type(file: FormFile) -> str:
    if limits.base_type(file.mime_type) not in ("", "application/octet-stream"):
        return file.mime_type
    return mimetypes.guess_type(file.filename)[0] or "application/octet-stream"


def _kind(mime_type: str) -> str:
    base = limits.base_type(mime_type)
    if base in limits.SENDABLE["image"]:
        return "image"
    family = base.partition("/")[0]
    return family if family in ("video", "audio") else "document"
