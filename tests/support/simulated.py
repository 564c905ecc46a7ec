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

    def options(self, **changes: object) -> WhatsAppOptions:
        """Options that lead here."""
        return options_for(self.url, **changes)


@contextmanager
def simulated_whatsapp() -> Iterator[Simulator]:
    """Run a simulator on a free port."""
    with planned_graph() as webhook:
        webhook.otherwise = answers(b"")
        options = SimulatorOptions(
            webhook_url=webhook.url,
            app_secret=SECRET,
            access_tokens=(TOKEN,),
            verify_token="verify",
            phone_number_id=NUMBER,
            port=0,
        )
        with in_thread(options) as running:
            yield Simulator(running.url, webhook)
