"""A simulated world whose clock the test turns; its webhooks go nowhere."""

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from medvault.simulator import inbound
from medvault.simulator.errors import GraphError
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.sends import Sends
from medvault.simulator.simulation import Simulation
from medvault.simulator.users import User

PHONE = "+919876543210"


class Business:
    """Sends to one user who has just written, at a time the test decides."""

    def __init__(self, **options: Any) -> None:
        self.now = 1_800_000_000.0
        self.world = Simulation(
            SimulatorOptions(
                webhook_url="http://127.0.0.1:9/webhook",
                app_secret="an-app-secret",
                access_tokens=("a-valid-token",),
                verify_token="a-verify-token",
                **options,
            ),
            lambda: self.now,
        )
        self.sends = Sends(self.world)
        self.user: User = self.world.users.add("Asha", PHONE, None)
        inbound.send_text(self.world, self.user, "hello")

    def media(self, mime_type: str, *, ttl: float = 60.0) -> str:
        """The id of an upload."""
        written = self.world.media.create(100)
        written.write(b"bytes")
        written.close()
        return self.world.media.add(written, mime_type, "report.pdf", ttl).id

    def send(self, **body: Any) -> dict[str, Any]:
        """The answer to a send to the user, unless `body` names somebody else."""
        whole: dict[str, Any] = {"messaging_product": "whatsapp", "to": PHONE, **body}
        answer, _ = self.sends.handle(orjson.dumps(whole))
        return answer

    def refused(self, **body: Any) -> int:
        """The error code of a send that must be refused."""
        with pytest.raises(GraphError) as caught:
            self.send(**body)
        return caught.value.code


@pytest.fixture
def business() -> Iterator[Business]:
    found = Business()
    yield found
    asyncio.run(found.world.stop())


@pytest.fixture
def slow_business() -> Iterator[Business]:
    """A business of the tier with 20 messages a second."""
    found = Business(messages_per_second=20, pair_seconds=0, templates=("reopen",))
    yield found
    asyncio.run(found.world.stop())
