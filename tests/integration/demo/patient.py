"""A patient with a phone of the demo's simulator."""

from typing import Any, Self

import urllib3

from integration.simulator.business import Business
from support.servers.waiting import wait_until

NAME = "Zerlina Quokka"
PHONE = "+919812345067"
HOSPITAL = "Wombat Valley Hospital"
FILENAME = "zerlina-haematology.pdf"
ANSWERS_WITHIN = 30.0


class Patient:
    """Does one thing at a time and waits for the answer to it."""

    def __init__(self, business: Business, user: dict[str, Any]) -> None:
        self._business = business
        self.user = user

    @classmethod
    def new(cls, chat_url: str, name: str = NAME, phone: str = PHONE) -> Self:
        """Somebody with a new phone, already welcomed."""
        business = Business(chat_url, "")
        patient = cls(business, business.user(name, phone))
        patient.says("Hello")
        return patient

    @classmethod
    def returning(cls, chat_url: str) -> Self:
        """The only user that the simulator knows."""
        business = Business(chat_url, "")
        (user,) = business.ok("GET", "/sim/users")
        return cls(business, user)

    def says(self, text: str) -> dict[str, Any]:
        """Type a text; the answer."""
        before = len(self.heard())
        self._business.says(self.user, text=text)
        return self._answer(before)

    def taps(self, id: str) -> dict[str, Any]:
        """Tap a button or row; the answer."""
        before = len(self.heard())
        self._business.says(self.user, tap=id)
        return self._answer(before)

    def sends(self, data: bytes, filename: str = FILENAME, caption: str = "") -> dict[str, Any]:
        """Send a document; the answer."""
        before = len(self.heard())
        fields = {"file": (filename, data, "application/pdf"), "caption": caption}
        path = f"/sim/users/{self.user['id']}/messages"
        self._business.ok("POST", path, fields=fields)
        return self._answer(before)

    def files(
        self, data: bytes, hospital: str = HOSPITAL, filename: str = FILENAME, caption: str = ""
    ) -> None:
        """Send a report and answer all that is asked about it."""
        self.sends(data, filename, caption)
        self.says("2 May 2019")
        rows = self.says(hospital)["rows"]
        confirm = self.taps(next(row["id"] for row in rows if row["title"] == "Lab test"))
        filed = self.taps(confirm["buttons"][0]["id"])
        assert filed["text"] == f"Filed: Lab test, {hospital}, 2 May 2019."

    def heard(self) -> list[dict[str, Any]]:
        """Every message to the patient."""
        chat = self._business.chat(self.user)
        return [message for message in chat if message["direction"] == "outbound"]

    def wamids(self) -> list[str]:
        """The ids of all messages of the chat."""
        return [message["wamid"] for message in self._business.chat(self.user)]

    def opens(self, message: dict[str, Any]) -> bytes:
        """The bytes of a message's file."""
        url = f"{self._business.url}/sim/media/{message['media_id']}"
        return urllib3.request("GET", url).data

    def _answer(self, before: int) -> dict[str, Any]:
        wait_until(
            lambda: len(self.heard()) > before, seconds=ANSWERS_WITHIN, what="medvault's answer"
        )
        return self.heard()[-1]
