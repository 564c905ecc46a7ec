"""The project's simulator, with a webhook that answers 200 to whatever it posts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from medvault.adapters.whatsapp.options import WhatsAppOptions
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.server import in_thread
from support.graph import NUMBER, TOKEN, Graph, answers, options_for, planned_graph
from support.servers.waiting import wait_until

SECRET = "app secret"


@dataclass(frozen=True, slots=True)
class Simulator:
    """The simulator, its control API, and the webhook that it posts to."""

    url: str
    webhook: Graph
    secret: bytes = SECRET.encode()

    def control(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """Call the control API; None for an empty answer."""
        if body is not None:
            more["json"] = body
        url = f"{self.url}/sim{path}"
        answer = urllib3.request(method, url, retries=False, timeout=10, **more)
        assert answer.status < 300, answer.data
        return answer.json() if answer.data else None

    def user(self, phone: str | None = "+91 98765 43210") -> dict[str, Any]:
        """A new person whose 24-hour window is open."""
        user: dict[str, Any] = self.control("POST", "/users", {"name": "Asha Rao", "phone": phone})
        self.control("PATCH", f"/users/{user['id']}", {"window_open": True})
        return user

    def sends(self, user: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The sends that were accepted, to this user or to anybody, oldest first."""
        accepted: list[dict[str, Any]] = self.control("GET", "/ledger")["sends"]
        return [s for s in accepted if user is None or s["recipient"] == user["user_id"]]

    def posted(self) -> list[bytes]:
        """The webhooks posted since the last call, once none is under way."""
        wait_until(lambda: self.control("GET", "/ledger")["idle"], seconds=10, what="webhooks")
        return [self.webhook.request().body for _ in range(self.webhook.received.qsize())]

    def options(self, **changes: object) -> WhatsAppOptions:
        """Options that lead here."""
        return options_for(self.url, **changes)


@contextmanager
def simulated_whatsapp(**changes: Any) -> Iterator[Simulator]:
    """Run a simulator on a free port; `changes` are further options of it."""
    with planned_graph() as webhook:
        webhook.otherwise = answers(b"")
        options = SimulatorOptions(
            webhook_url=webhook.url,
            app_secret=SECRET,
            access_tokens=(TOKEN,),
            verify_token="verify",
            phone_number_id=NUMBER,
            port=0,
            **changes,
        )
        with in_thread(options) as running:
            yield Simulator(running.url, webhook)
