"""One user's chat with the business, as the phone shows it."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Literal

Direction = Literal["inbound", "outbound"]
_LADDER = {"sent": 0, "delivered": 1, "read": 2, "failed": 3}


@dataclass(slots=True)
class ChatMessage:
    """A bubble. Directions are the business's: a message of the user is `inbound`.

    `content` holds text, header, footer, buttons, rows, list_label, link, media_id, filename,
    mime_type, file_size, reply_to: those that are there. `at` is Unix seconds.
    `opaque` is the business's callback data.
    """

    wamid: str
    direction: Direction
    type: str
    content: dict[str, Any]
    status: str
    at: float
    opaque: str | None = None

    def shown(self) -> dict[str, Any]:
        """The message as the control API answers it."""
        return {
            "direction": self.direction,
            "wamid": self.wamid,
            "type": self.type,
            **self.content,
            "status": self.status,
            "at": datetime.fromtimestamp(self.at, UTC).isoformat(),
        }

    def climb(self, status: str) -> bool:
        """Move up the ladder sent, delivered, read; whether it moved."""
        if _LADDER[status] <= _LADDER[self.status]:
            return False
        self.status = status
        return True


@dataclass(slots=True)
class Chat:
    """The newest `limit` messages in order, found by wamid."""

    limit: int
    typing_until: float = 0.0
    _messages: OrderedDict[str, ChatMessage] = field(default_factory=OrderedDict)

    def append(self, message: ChatMessage) -> None:
        """Add the newest message; the oldest beyond the limit is forgotten."""
        self._messages[message.wamid] = message
        if len(self._messages) > self.limit:
            self._messages.popitem(last=False)
        if message.direction == "outbound":
            self.typing_until = 0.0

    def get(self, wamid: str) -> ChatMessage | None:
        """The message with this id, if the chat still holds it."""
        return self._messages.get(wamid)

    def after(self, wamid: str) -> list[ChatMessage]:
        """The messages after the one with this id; the whole chat if it holds none such."""
        newer = list(takewhile(lambda message: message.wamid != wamid, self.newest_first()))
        newer.reverse()
        return newer

    def newest_first(self) -> Iterator[ChatMessage]:
        """From the newest message backwards."""
        return reversed(self._messages.values())

    def __iter__(self) -> Iterator[ChatMessage]:
        return iter(self._messages.values())

    def offering(self, choice: str, wamid: str | None) -> tuple[ChatMessage, dict[str, str]] | None:
        """The newest message (or the named one) with this button or row id, and the choice."""
        for message in self.newest_first():
            if wamid is not None and message.wamid != wamid:
                continue
            if found := _choices(message).get(choice):
                return message, found
        return None

    def choices(self) -> list[str]:
        """Every button or row id on offer, newest message first."""
        return list(
            dict.fromkeys(key for message in self.newest_first() for key in _choices(message))
        )


def _choices(message: ChatMessage) -> dict[str, dict[str, str]]:
    if message.direction != "outbound":
        return {}
    offered = (*message.content.get("buttons", ()), *message.content.get("rows", ()))
    return {choice["id"]: choice for choice in offered}
