"""A patient's phone in the simulator: types, taps, sends files, and waits for answers."""

import secrets
from collections.abc import Mapping
from typing import Any

from support.servers.waiting import POLL, wait_until
from support.stack.meta import Meta

PATIENCE = 20.0
"""Seconds within which an answer must come."""

Message = Mapping[str, Any]


class Phone:
    """One person; every answer is looked at once, in the order they came."""

    def __init__(
        self,
        meta: Meta,
        phone: str | None = "random",
        name: str = "Asha Rao",
        looks_every: float = POLL,
        patience: float = PATIENCE,
    ) -> None:
        number = f"+9198{secrets.randbelow(10**8):08}" if phone == "random" else phone
        self._meta = meta
        self._looks_every = looks_every
        self._patience = patience
        self._user = meta.control("POST", "/users", json={"name": name, "phone": number})
        meta.control("PATCH", f"/users/{self.id}", json={"window_open": True})
        self._seen = 0

    @property
    def id(self) -> str:
        """The simulator's name of this phone."""
        return str(self._user["id"])

    @property
    def user_id(self) -> str:
        """The business-scoped user id."""
        return str(self._user["user_id"])

    @property
    def number(self) -> str | None:
        """The phone number, with `+`; None where a user name hides it."""
        number: str | None = self._user["phone"]
        return number

    def send(self, **what: Any) -> str:
        """Sends a text, tap or raw element without waiting; returns the wamid."""
        sent = self._meta.control("POST", self._messages, json=what)
        return str(sent["wamid"])

    def send_file(
        self,
        data: bytes,
        filename: str,
        mime_type: str,
        caption: str = "",
        *,
        document: bool = True,
    ) -> str:
        """Sends a file without waiting; `document` keeps its name, else pictures go as photos."""
        fields = {"caption": caption, "as_document": "true" if document else "false"}
        form: dict[str, Any] = {**fields, "file": (filename, data, mime_type)}
        return str(self._meta.control("POST", self._messages, fields=form)["wamid"])

    def say(self, text: str, expect: str = "") -> Message:
        """Types a text; returns the answer in which `expect` stands."""
        self.send(text=text)
        return self.answer(expect)

    def tap(self, id: str, expect: str = "") -> Message:
        """Taps a button or a row; returns the answer in which `expect` stands."""
        self.send(tap=id)
        return self.answer(expect)

    def answer(self, expect: str = "", seconds: float | None = None) -> Message:
        """The next answer in which `expect` stands; answers before it are passed over."""
        found: list[Message] = []

        def arrived() -> bool:
            chat = self.chat()
            while self._seen < len(chat) and not found:
                message = chat[self._seen]
                self._seen += 1
                if message["direction"] == "outbound" and expect in message.get("text", ""):
                    found.append(message)
            return bool(found)

        try:
            wait_until(
                arrived,
                seconds=self._patience if seconds is None else seconds,
                what=f"an answer with {expect!r}",
                every=self._looks_every,
            )
        except TimeoutError as late:
            raise AssertionError(f"{late}; the chat:\n{self.transcript()}") from None
        return found[0]

    def chat(self) -> list[Message]:
        """All that the phone shows, oldest first."""
        found: list[Message] = self._meta.control("GET", self._messages)
        return found

    def answers(self) -> list[str]:
        """The texts of all answers so far."""
        return [m.get("text", "") for m in self.chat() if m["direction"] == "outbound"]

    def transcript(self) -> str:
        """The chat as text."""
        return "\n".join(f"{m['direction']} {m['type']}: {m.get('text', '')}" for m in self.chat())

    def download(self, message: Message) -> bytes:
        """Opens the file that a message brought."""
        return self._meta.download(message["media_id"])

    @property
    def _messages(self) -> str:
        return f"/users/{self.id}/messages"


def choice(message: Message, title: str) -> str:
    """The id of the button or row whose title holds these words."""
    offered = (*message.get("buttons", ()), *message.get("rows", ()))
    return str(next(item["id"] for item in offered if title in item["title"]))
