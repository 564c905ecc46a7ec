"""A business's side of the Cloud API and the control API, over real HTTP."""

from typing import Any

import urllib3
from urllib3 import BaseHTTPResponse

TOKEN = "a-valid-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Business:
    """Calls a running simulator at `url`."""

    def __init__(self, url: str, phone_number_id: str) -> None:
        self.url = url
        self.number = f"{url}/v25.0/{phone_number_id}"
        self.http = urllib3.PoolManager(retries=False, timeout=10)

    def user(self, name: str = "Asha", phone: str | None = "+919876543210") -> dict[str, Any]:
        """A new phone."""
        found: dict[str, Any] = self.ok("POST", "/sim/users", json={"name": name, "phone": phone})
        return found

    def says(self, user: dict[str, Any], **body: Any) -> str:
        """The user sends a message; the wamid."""
        answer = self.ok("POST", f"/sim/users/{user['id']}/messages", json=body)
        return str(answer["wamid"])

    def sends_file(self, user: dict[str, Any], data: bytes, filename: str, mime: str) -> str:
        """The user sends a file with a caption; the wamid."""
        fields = {"caption": "from last week", "file": (filename, data, mime)}
        answer = self.ok("POST", f"/sim/users/{user['id']}/messages", fields=fields)
        return str(answer["wamid"])

    def chat(self, user: dict[str, Any]) -> list[dict[str, Any]]:
        """The messages that the phone shows."""
        found: list[dict[str, Any]] = self.ok("GET", f"/sim/users/{user['id']}/messages")
        return found

    def ledger(self) -> dict[str, Any]:
        """The record of what really happened."""
        found: dict[str, Any] = self.ok("GET", "/sim/ledger")
        return found

    def send(self, **body: Any) -> BaseHTTPResponse:
        """A send, answered or refused."""
        whole = {"messaging_product": "whatsapp", **body}
        return self.http.request("POST", f"{self.number}/messages", json=whole, headers=BEARER)

    def send_text(self, user: dict[str, Any], text: str, **more: Any) -> str:
        """A text to the user's number, or to the user id without one; the wamid."""
        address = {"to": user["phone"]} if user["phone"] else {"recipient": user["user_id"]}
        answer = self.send(**address, type="text", text={"body": text}, **more)
        assert answer.status == 200, answer.data
        return str(answer.json()["messages"][0]["id"])

    def upload(self, data: bytes, mime: str, **fields: str) -> BaseHTTPResponse:
        """An upload, answered or refused."""
        form: dict[str, Any] = {"messaging_product": "whatsapp", "type": mime, **fields}
        form["file"] = ("report", data, mime)
        return self.http.request("POST", f"{self.number}/media", fields=form, headers=BEARER)

    def get(self, url: str, *, bearer: bool = True) -> BaseHTTPResponse:
        """A GET of a Graph path or of a whole address."""
        whole = url if url.startswith("http") else f"{self.url}/v25.0/{url}"
        return self.http.request("GET", whole, headers=BEARER if bearer else {})

    def ok(self, method: str, path: str, **more: Any) -> Any:
        """A control call that must succeed; its JSON."""
        answer = self.http.request(method, self.url + path, **more)
        assert 200 <= answer.status < 300, answer.data
        return answer.json() if answer.data else None
