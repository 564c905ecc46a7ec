"""A simulator in a thread, and a webhook that receives what it posts."""

from collections.abc import Iterator

import pytest

from integration.simulator.business import TOKEN, Business
from integration.simulator.receiver import Receiver
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.server import in_thread

VERIFY_TOKEN = "a-verify-token"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(VERIFY_TOKEN) as running:
        yield running


@pytest.fixture
def options(receiver: Receiver) -> SimulatorOptions:
    return SimulatorOptions(
        webhook_url=receiver.url,
        app_secret="an-app-secret",
        access_tokens=(TOKEN,),
        verify_token=VERIFY_TOKEN,
        port=0,
        retry_base=0.05,
        retry_cap=0.2,
        webhook_timeout=5,
    )


@pytest.fixture
def business(options: SimulatorOptions) -> Iterator[Business]:
    with in_thread(options) as simulator:
        found = Business(simulator.url, options.phone_number_id)
        with found.http:
            yield found
