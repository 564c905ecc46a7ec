from typing import Any

import pytest

from medvault.adapters.whatsapp.signature import Signatures
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.domain.conversation.events import Moved, Said, SentFile, SentTooLarge
from medvault.domain.identity import Contact, IdentityKind
from medvault.domain.updates import Update, UpdateKind
from medvault.ports import Message
from support.simulated import Simulator

READER = WebhookReader()


def received(simulator: Simulator) -> Update:
    request = simulator.webhook.request()
    header = request.headers["X-Hub-Signature-256"].encode()
    assert Signatures([simulator.secret]).valid(request.body, header)
    (update,) = READER.split(request.body)
    return update


def say(simulator: Simulator, user: dict[str, Any], **message: object) -> tuple[Update, Message]:
    simulator.control("POST", f"/users/{user['id']}/messages", message)
    update = received(simulator)
    assert update.kind is UpdateKind.MESSAGE
    return update, READER.read_message(update.content)


@pytest.mark.parametrize("text", ["List", "मेरी रिपोर्ट 😀", 'a\tb\n"c" \\u00e9 </script> \u2028'])
def test_a_text_arrives_as_it_was_typed(simulator: Simulator, text: str) -> None:
    user = simulator.user()
    update, message = say(simulator, user, text=text)
    assert message.event == Said(text)
    assert update.sender == (IdentityKind.BSUID, user["user_id"])
    assert (message.user_id, message.phone) == (user["user_id"], "919876543210")


def test_a_person_without_a_phone_is_known_by_the_user_id(simulator: Simulator) -> None:
    user = simulator.user(phone=None)
    update, message = say(simulator, user, text="List")
    assert update.sender == (IdentityKind.BSUID, user["user_id"])
    assert (message.user_id, message.phone) == (user["user_id"], None)


def test_a_sample_report_arrives_as_a_file(simulator: Simulator) -> None:
    name = simulator.control("GET", "/samples")[0]["name"]
    _, message = say(simulator, simulator.user(), sample=name)
    assert isinstance(message.event, SentFile)
    assert message.event.attachment.handle.isdigit()


def test_a_file_over_the_limit_is_told(simulator: Simulator) -> None:
    raw = {"type": "unsupported", "errors": [{"code": 131052, "title": "Media download error"}]}
    _, message = say(simulator, simulator.user(), raw=raw)
    assert message.event == SentTooLarge()


def test_a_message_without_its_id_is_known_by_what_it_says(simulator: Simulator) -> None:
    user = simulator.user()
    raw = {"type": "text", "id": None, "text": {"body": "x"}}
    simulator.control("POST", f"/users/{user['id']}/messages", {"raw": raw})
    update = received(simulator)
    assert update.kind is UpdateKind.MESSAGE
    assert update.key.startswith("message|digest|")


def test_a_number_change_links_the_old_identity_to_the_new_one(simulator: Simulator) -> None:
    user = simulator.user()
    phone = "+91 91111 11111"
    new = simulator.control("POST", f"/users/{user['id']}/number", {"phone": phone})
    update = received(simulator)
    assert update.sender == (IdentityKind.BSUID, user["user_id"])
    message = READER.read_message(update.content)
    assert message.event == Moved(Contact(new["user_id"], "919111111111"))
    assert message.phone == "919876543210"
