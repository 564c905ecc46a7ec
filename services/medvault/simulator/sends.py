"""Takes what the business sends, as Meta would: checks, limits, delivery, statuses."""

import hashlib
import re
import time
from typing import Any

import orjson

from medvault.simulator import statuses
from medvault.simulator.chats import ChatMessage
from medvault.simulator.errors import GraphError, invalid
from medvault.simulator.ledger import AcceptedSend
from medvault.simulator.messages import BSUID, Send, parse_send, require_whatsapp
from medvault.simulator.rates import CellRate
from medvault.simulator.simulation import Simulation
from medvault.simulator.users import User
from medvault.simulator.wamids import new_wamid, person_in

WINDOW_SECONDS = 86_400.0
TYPING_SECONDS = 25.0
_NOT_DIGITS = re.compile(r"\D")


class Sends:
    """The endpoint `/{phone-number-id}/messages` without HTTP."""

    def __init__(self, world: Simulation) -> None:
        self._world = world
        self._pair = CellRate(world.options.pair_seconds, world.options.pair_burst)

    def handle(self, raw: bytes) -> tuple[dict[str, Any], str | None]:
        """The answer to a body, and the wamid if it was a send that was accepted.

        Raises:
            GraphError: Meta refuses it.
        """
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise GraphError(100, "The body is not valid JSON.") from None
        fault = self._world.dice.error("messages")
        if fault is not None and not fault.effect:
            raise GraphError(fault.code, "A fault of the simulator.")
        if isinstance(body, dict) and "status" in body:
            self._mark_read(body)
            return {"success": True}, None
        send = parse_send(body)
        accepted = self._accept(send, raw)
        if fault is not None:
            self._world.ledger.unanswered(accepted.wamid)
            raise GraphError(fault.code, "A fault of the simulator: the send was accepted.")
        return self._answer(send, accepted), accepted.wamid

    def _accept(self, send: Send, raw: bytes) -> AcceptedSend:
        world = self._world
        now = world.clock()
        user, digits, misdirected = self._recipient(send)
        if user is not None:
            self._check_trust(send, user, now, misdirected=misdirected)
        self._check_content(send)
        address = send.to or send.recipient or ""
        if not world.tier.admit("", now):
            raise GraphError(130429, "The throughput of this phone number is reached.")
        if not self._pair.admit(user.id if user is not None else address, now):
            raise GraphError(131056, "Too many messages to this recipient in a short time.")
        wamid = new_wamid(digits or (user.user_id if user else address), inbound=False)
        accepted = AcceptedSend(
            wamid=wamid,
            recipient=address,
            delivered_to=f"+{digits}" if digits else user.user_id if user else None,
            type=send.type,
            opaque=send.opaque,
            media_ids=tuple(media_id for _, media_id in send.media),
            sha256=hashlib.sha256(raw).hexdigest(),
            at=now,
            monotonic=time.monotonic(),
            misdirected=misdirected,
        )
        world.ledger.accept(accepted)
        if user is not None:
            self._deliver(send, user, wamid, now)
        elif digits:
            statuses.emit_stranger(world, wamid, digits, send.opaque)
        return accepted

    def _recipient(self, send: Send) -> tuple[User | None, str | None, bool]:
        users = self._world.users
        if send.to is None:
            user = users.with_user_id(send.recipient or "")
            if user is None:
                raise GraphError(131026, "The recipient can't be reached.")
            return user, user.wa_id, False
        if BSUID.fullmatch(send.to):
            return None, None, False
        digits = _NOT_DIGITS.sub("", send.to)
        if not digits:
            raise invalid("Param to must be a phone number.")
        if not send.to.lstrip().startswith("+"):
            digits = self._world.account.country_code + digits
            return users.at_number(digits), digits, True
        user = users.at_number(digits)
        if user is None:
            raise GraphError(131026, "The recipient can't be reached.")
        return user, digits, False

    def _check_trust(self, send: Send, user: User, now: float, *, misdirected: bool) -> None:
        if send.identity_hash is not None and send.identity_hash != user.identity_hash:
            raise GraphError(137000, "The recipient's identity key hash is not the one given.")
        window_open = now - user.last_inbound < WINDOW_SECONDS
        if send.type != "template" and not window_open and not misdirected:
            raise GraphError(
                131047, "More than 24 hours have passed since the user's last message."
            )

    def _check_content(self, send: Send) -> None:
        world = self._world
        for kind, media_id in send.media:
            media = world.media.sendable(kind, media_id)
            if kind == "document" and media.filename:
                send.content.setdefault("filename", media.filename)
            send.content["mime_type"] = media.mime_type
            send.content["file_size"] = media.file_size
            if not media.shown:
                media.shown = True
                world.keep_media(media)
        if send.type == "template" and world.options.templates:
            name = send.content["template"]
            if name not in world.options.templates:
                raise GraphError(132001, "The template does not exist.")

    def _deliver(self, send: Send, user: User, wamid: str, now: float) -> None:
        content = send.content
        if send.context is not None:
            content["reply_to"] = send.context
        message = ChatMessage(wamid, "outbound", send.type, content, "sent", now, send.opaque)
        statuses.emit_reached(self._world, user, message)
        self._world.show(user, message)

    def _mark_read(self, body: dict[str, Any]) -> None:
        require_whatsapp(body)
        if body["status"] != "read":
            raise invalid("Param status must be read.")
        user, message = self._received(body.get("message_id"))
        statuses.mark_read(self._world, user, message)
        if body.get("typing_indicator") is not None:
            user.chat.typing_until = self._world.clock() + TYPING_SECONDS
        self._world.feed.changed(user.id)

    def _received(self, wamid: Any) -> tuple[User, ChatMessage]:
        if isinstance(wamid, str):
            person = person_in(wamid)
            users = self._world.users
            likely = users.at_number(person) or users.with_user_id(person)
            for user in (likely, *users) if likely else users:
                message = user.chat.get(wamid)
                if message is not None and message.direction == "inbound":
                    return user, message
        raise invalid("Param message_id is not the id of a message that was received.")

    def _answer(self, send: Send, accepted: AcceptedSend) -> dict[str, Any]:
        contact = {"input": accepted.recipient}
        if send.recipient is not None:
            contact["user_id"] = send.recipient
        elif accepted.delivered_to is not None:
            contact["wa_id"] = accepted.delivered_to[1:]
        return {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": accepted.wamid}],
        }
