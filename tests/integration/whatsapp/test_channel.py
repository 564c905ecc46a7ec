import asyncio
import time
from typing import Any
from uuid import uuid4

import pytest

from medvault.adapters.whatsapp.channel import CloudChannel
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.domain.identifiers import LetterId
from medvault.domain.identity import Contact
from medvault.domain.outbound import (
    Accepted,
    Answer,
    Content,
    Outgoing,
    Reaction,
    Refused,
    SendState,
    Typing,
)
from medvault.domain.replies import Button, Reply, Row
from medvault.domain.updates import UpdateKind
from support.graph import TOKEN
from support.simulated import Simulator

READER = WebhookReader()


def send(simulator: Simulator, to: Contact, *contents: Content, **options: object) -> list[Answer]:
    async def run() -> list[Answer]:
        async with CloudChannel(simulator.options(**options)) as channel:
            messages = [Outgoing(LetterId(uuid4()), to, content) for content in contents]
            return [await channel.send(m, time.monotonic() + 5) for m in messages]

    return asyncio.run(run())


def shown(simulator: Simulator, user: dict[str, Any]) -> Any:
    return simulator.control("GET", f"/users/{user['id']}/messages")


@pytest.mark.parametrize("named", ["user_id", "phone"])
def test_every_form_of_reply_arrives(simulator: Simulator, named: str) -> None:
    user = simulator.user()
    to = {"user_id": Contact(user["user_id"], None), "phone": Contact(None, user["phone"][1:])}
    replies = (
        Reply("Hello 😀"),
        Reply("File it?", buttons=(Button("n:yes", "Yes"), Button("n:no", "No"))),
        Reply("Your reports", rows=(Row("n:1", "X-ray", "2026"),), menu="Reports"),
    )
    answers = send(simulator, to[named], *replies)
    chat = shown(simulator, user)
    assert [message["text"] for message in chat] == ["Hello 😀", "File it?", "Your reports"]
    assert [Accepted(message["wamid"]) for message in chat] == answers


def test_the_statuses_name_the_message_that_was_sent(simulator: Simulator) -> None:
    user = simulator.user()
    message = Outgoing(LetterId(uuid4()), Contact(user["user_id"], None), Reply("Hello"))

    async def run() -> Answer:
        async with CloudChannel(simulator.options()) as channel:
            return await channel.send(message, time.monotonic() + 5)

    answer = asyncio.run(run())
    assert isinstance(answer, Accepted)
    states = set()
    while SendState.DELIVERED not in states:
        for update in READER.split(simulator.webhook.request().body):
            assert update.kind is UpdateKind.STATUS
            status = READER.read_status(update.content)
            assert status is not None
            assert (status.wamid, status.reference) == (answer.wamid, message.reference)
            states.add(status.state)


def test_typing_marks_what_the_patient_wrote_as_read(simulator: Simulator) -> None:
    user = simulator.user()
    said = {"text": "List"}
    wamid = simulator.control("POST", f"/users/{user['id']}/messages", said)["wamid"]
    assert send(simulator, Contact(user["user_id"], None), Typing(wamid)) == [Accepted(wamid)]
    assert simulator.control("GET", f"/users/{user['id']}")["typing"]


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        (131056, Reaction.PAIR_RATE),
        (190, Reaction.STOP_LINE),
        (131047, Reaction.WINDOW_CLOSED),
        (137000, Reaction.IDENTITY_CHANGED),
        (131026, Reaction.PERMANENT),
        (130429, Reaction.NUMBER_RATE),
        (131016, Reaction.UNKNOWN),
        (131057, Reaction.RETRY),
    ],
)
def test_a_refusal_asks_for_what_its_code_says(
    simulator: Simulator, code: int, asked: Reaction
) -> None:
    user = simulator.user()
    simulator.control("POST", "/faults", {"error": {"code": code}})
    answers = send(simulator, Contact(user["user_id"], None), Reply("one"), Reply("two"))
    assert answers[0] == Refused(asked, code)
    assert isinstance(answers[1], Accepted)


def test_a_closed_window_is_told(simulator: Simulator) -> None:
    user = simulator.user()
    simulator.control("PATCH", f"/users/{user['id']}", {"window_open": False})
    answers = send(simulator, Contact(user["user_id"], None), Reply("Hello"))
    assert answers == [Refused(Reaction.WINDOW_CLOSED, 131047)]


@pytest.mark.parametrize("how", ["close", "hang"])
def test_a_lost_answer_is_unknown_as_the_message_may_have_arrived(
    simulator: Simulator, how: str
) -> None:
    user = simulator.user()
    simulator.control("POST", "/faults", {"drop_answer": {"times": 1, "how": how}})
    answers = send(simulator, Contact(user["user_id"], None), Reply("Hello"), timeout=0.5)
    assert answers == [Refused(Reaction.UNKNOWN)]
    assert len(shown(simulator, user)) == 1


def test_a_probe_reaches_nobody(simulator: Simulator) -> None:
    async def probe(**options: object) -> Refused | None:
        async with CloudChannel(simulator.options(**options)) as channel:
            return await channel.probe()

    assert asyncio.run(probe()) is None
    assert simulator.sends() == []
    assert asyncio.run(probe(token=lambda: "older")) == Refused(Reaction.STOP_LINE, 190)
    simulator.control("POST", "/faults", {"error": {"code": 131000, "on": "number"}})
    assert asyncio.run(probe()) == Refused(Reaction.UNKNOWN, 131000)


def test_a_rotated_token_is_used_at_once(simulator: Simulator) -> None:
    user = simulator.user()
    tokens = iter(["older", TOKEN])
    to = Contact(user["user_id"], None)
    refused, accepted = send(simulator, to, Reply("one"), Reply("two"), token=lambda: next(tokens))
    assert refused == Refused(Reaction.STOP_LINE, 190)
    assert isinstance(accepted, Accepted)
