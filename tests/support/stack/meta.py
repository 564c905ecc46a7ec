"""Meta, played by the simulator; and webhooks as nobody at Meta would send them."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3

from medvault.simulator.options import SimulatorOptions
from medvault.simulator.server import in_thread
from support.servers.waiting import wait_until
from support.stack.environment import Keys
from support.stack.traffic import Traffic

PATH = "/webhook/whatsapp"


class Meta:
    """The simulator's control API at `url`, and the webhook that it posts to."""

    def __init__(self, url: str, api_url: str, app_secret: str) -> None:
        self.url = url
        self.webhook_url = api_url + PATH
        self._secret = app_secret.encode()
        self._http = urllib3.PoolManager(retries=False, timeout=20, maxsize=4)

    def control(self, method: str, path: str, **more: Any) -> Any:
        """Calls the control API; None for an empty answer."""
        answer = self._http.request(method, f"{self.url}/sim{path}", **more)
        assert answer.status < 300, answer.data
        return answer.json() if answer.data else None

    def download(self, media_id: str) -> bytes:
        """The bytes of a file as they lie on the phone."""
        return self._http.request("GET", f"{self.url}/sim/media/{media_id}").data

    @contextmanager
    def faults(self, **faults: Any) -> Iterator[None]:
        """Misbehaves within the block; updates that it holds back are delivered at its end."""
        self.control("POST", "/faults", json=faults)
        try:
            yield
        finally:
            self.control("DELETE", "/faults")

    def settle(self) -> None:
        """Waits until every webhook has been answered 200."""
        wait_until(lambda: self.control("GET", "/ledger")["idle"], seconds=30, what="webhooks")

    def attempts(self, wamid: str) -> list[int | None]:
        """How a message's webhook was answered, attempt by attempt; duplicates included."""
        webhooks = self.control("GET", "/ledger")["webhooks"]
        return [
            attempt["status"]
            for webhook in webhooks
            if wamid in webhook["messages"]
            for attempt in webhook["attempts"]
        ]

    def traffic(self, rate: float) -> Traffic:
        """Webhooks at a steady rate from a process of its own, `rate` a second."""
        return Traffic(self.webhook_url, self._secret.decode(), rate)

    def post(self, body: bytes, signature: str | None = "right") -> urllib3.BaseHTTPResponse:
        """Posts a webhook by hand, signed unless another signature is given or none."""
        if signature == "right":
            signature = "sha256=" + hmac.digest(self._secret, body, hashlib.sha256).hex()
        headers = {"X-Hub-Signature-256": signature} if signature else {}
        return self._http.request("POST", self.webhook_url, body=body, headers=headers)


def envelope(*changes: dict[str, Any]) -> bytes:
    """A webhook of these changes."""
    root = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
    return json.dumps(root).encode()


def messages(*elements: dict[str, Any]) -> dict[str, Any]:
    """A change that brings messages."""
    value = {"messaging_product": "whatsapp", "metadata": {}, "messages": elements}
    return {"field": "messages", "value": value}


def text_of(user_id: str, wamid: str, text: str) -> dict[str, Any]:
    """A text message."""
    body = {"type": "text", "text": {"body": text}, "timestamp": "1767225600"}
    return {"from_user_id": user_id, "id": wamid, **body}


@contextmanager
def simulated_meta(keys: Keys, api_port: int) -> Iterator[Meta]:
    """Runs a simulator that posts to an API on this port; it tries again every 0.2 s at first."""
    api_url = f"http://127.0.0.1:{api_port}"
    options = SimulatorOptions(
        webhook_url=api_url + PATH,
        app_secret=keys.app_secret,
        access_tokens=(keys.access_token,),
        verify_token=keys.verify_token,
        port=0,
        retry_base=0.2,
        retry_cap=1.0,
    )
    with in_thread(options) as running:
        yield Meta(running.url, api_url, keys.app_secret)
