"""The tour: a patient files two reports and fetches one back, and the bytes must match."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import urllib3

from medvault.domain.errors import Permanent
from medvault.simulator.samples import SampleFile, sample

_PATIENCE = 60.0


class TourFailed(Permanent):
    """The tour did not go as it should; the text says where."""


class Phone:
    """A patient's phone in the simulator; prints what is said on it."""

    def __init__(
        self, simulator_url: str, name: str, show: Callable[[str], None], ended: threading.Event
    ) -> None:
        self._http = urllib3.PoolManager(timeout=10.0)
        self._url = simulator_url
        self._show = show
        self._ended = ended
        self._seen = 0
        self._user = self._post("/sim/users", {"name": name, "phone": None})["id"]

    def say(self, text: str) -> dict[str, Any]:
        """Type a text and wait for the answer."""
        return self._sent({"text": text})

    def tap(self, id: str) -> dict[str, Any]:
        """Tap a button or a row and wait for the answer."""
        return self._sent({"tap": id})

    def send(self, file: SampleFile) -> dict[str, Any]:
        """Send a file and wait for the question about it."""
        fields = {"file": (file.filename, file.data, file.mime_type)}
        self._request("POST", self._messages, fields=fields)
        return self._answer()

    def download(self, message: dict[str, Any]) -> bytes:
        """Open the file that a message brought."""
        return self._request("GET", f"/sim/media/{message['media_id']}").data

    def _sent(self, body: dict[str, str]) -> dict[str, Any]:
        self._post(self._messages, body)
        return self._answer()

    @property
    def _messages(self) -> str:
        return f"/sim/users/{self._user}/messages"

    def _answer(self) -> dict[str, Any]:
        """Wait for the next message to the patient, printing all that is new until then."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            chat = json.loads(self._request("GET", self._messages).data)
            fresh, self._seen = chat[self._seen :], max(self._seen, len(chat))
            answers = [message for message in fresh if message["direction"] == "outbound"]
            for message in fresh:
                self._show(_shown(message))
            if answers:
                return dict(answers[-1])
            if self._ended.wait(0.05):
                raise TourFailed("it was told to end")
        raise TourFailed("no answer came within a minute")

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._request("POST", path, json=body).data)
        return found

    def _request(self, method: str, path: str, **what: Any) -> urllib3.BaseHTTPResponse:
        response = self._http.request(method, self._url + path, **what)
        if response.status >= 400:
            raise TourFailed(f"the simulator answered {response.status} to {method} {path}")
        return response


def tour(simulator_url: str, show: Callable[[str], None], ended: threading.Event) -> None:
    """Play the patient until `ended`; raises `TourFailed` unless the same bytes come back."""
    phone = Phone(simulator_url, "Asha", show, ended)
    phone.say("Hello")
    first, second = sample("blood-test"), sample("prescription")
    _file_report(phone, first, "2 May 2019", "City Hospital", "lab")
    _file_report(phone, second, "14/03/2021", "Lakeside Clinic", "prescription")
    listed = phone.say("LIST")
    if len(listed.get("rows") or ()) != 2:
        raise TourFailed("the list does not show both reports")
    document = phone.say("GET 2")
    if document["type"] != "document" or phone.download(document) != first.data:
        raise TourFailed("the file that came back is another one")


def _file_report(phone: Phone, file: SampleFile, day: str, hospital: str, kind: str) -> None:
    phone.send(file)
    phone.say(day)
    types = phone.say(hospital)
    row = next(row for row in types["rows"] if row["id"].endswith(f":{kind}"))
    confirm = phone.tap(row["id"])
    filed = phone.tap(confirm["buttons"][0]["id"])
    if not filed["text"].startswith("Filed"):
        raise TourFailed("the report was not filed")


def _shown(message: dict[str, Any]) -> str:
    who = "patient " if message["direction"] == "inbound" else "medvault"
    parts = [
        message.get("text") or "",
        f"[{message['filename']}]" if message.get("filename") else "",
    ]
    parts += [f"( {button['title']} )" for button in message.get("buttons") or ()]
    parts += [
        f"- {row['title']}  {row.get('description', '')}" for row in message.get("rows") or ()
    ]
    lines = "\n".join(part for part in parts if part).splitlines() or [f"[{message['type']}]"]
    return "\n".join(
        f"{who if number == 0 else ' ' * len(who)} | {line}" for number, line in enumerate(lines)
    )
