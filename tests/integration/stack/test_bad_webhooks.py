"""Webhooks that are forged, broken, repeated or out of order: an answer each, one effect each."""

import re
from uuid import uuid4

import pytest

from support.servers.rabbitmq import RabbitMQ
from support.stack.meta import envelope, messages, text_of
from support.stack.phone import Phone
from support.stack.stack import Stack, wait_for_empty_queues

MEBIBYTE = 1024 * 1024
HELLO = envelope(messages(text_of("IN.1", "wamid.unsigned", "hello")))


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "right".upper()],
    ids=["none", "empty", "no digest", "another digest", "another method", "nonsense"],
)
def test_a_webhook_that_is_not_signed_by_meta_is_refused(
    stack: Stack, signature: str | None
) -> None:
    with stack.api.counting("rejected_requests_total", reason="signature"):
        answer = stack.meta.post(HELLO, signature)
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401


def test_a_body_over_3_mb_is_refused(stack: Stack) -> None:
    with stack.api.counting("rejected_requests_total", reason="too_large"):
        answer = stack.meta.post(b" " * (3 * MEBIBYTE + 1))
    assert answer.status == 413
    assert answer.json()["detail"] == "The body is larger than 3 MB."


def test_a_body_of_3_mb_is_read_to_its_end(stack: Stack) -> None:
    phone = stack.phone()
    body = envelope(messages(text_of(phone.user_id, f"wamid.{uuid4()}", "HELP")))
    assert stack.meta.post(body + b" " * (3 * MEBIBYTE - len(body))).status == 200
    phone.answer("What I can do")


@pytest.mark.parametrize(
    "body",
    [
        HELLO[:-20],
        b"",
        b"null",
        b"\xff\xfe",
        b'{"object":"page","entry":[]}',
        envelope({"field": "not_invented_yet", "value": {"messages": [{"id": uuid4().hex}]}}),
        envelope(messages({"type": "text"})),
        b'{"object":"whatsapp_business_account","entry":' + b"[" * 2000 + b"]" * 2000 + b"}",
    ],
    ids=["cut", "empty", "null", "no text", "a page's", "an unknown field", "no sender", "deep"],
)
def test_what_is_signed_but_not_understood_is_taken_and_kept(stack: Stack, body: bytes) -> None:
    before = stack.vault.kept()
    with stack.api.counting("webhook_updates_total", kind="kept"):
        assert stack.meta.post(body).status == 200
    stack.settle()
    assert stack.vault.kept() == before + 1


@pytest.mark.parametrize("field", ["account_update", "not_invented_yet"])
def test_what_meta_tells_of_the_account_is_counted_and_no_dead_letter(
    stack: Stack, field: str
) -> None:
    before = stack.vault.kept()
    label = "other" if field == "not_invented_yet" else field
    with stack.api.counting("notices_total", field=label):
        body = envelope({"field": field, "value": {"event": uuid4().hex}})
        assert stack.meta.post(body).status == 200
    stack.settle()
    assert stack.vault.kept() == before


@pytest.mark.parametrize(
    "element",
    [
        {"type": "hologram", "hologram": {"depth": 3}},
        {"type": "location", "location": {"latitude": 18.5, "longitude": 73.8}},
        {"type": "contacts", "contacts": [{"name": {"formatted_name": "B"}}]},
        {"type": "audio", "audio": {"id": "1", "mime_type": "audio/ogg"}},
        {"type": "unsupported", "errors": [{"code": 131051, "title": "Unsupported"}]},
    ],
    ids=lambda element: str(element["type"]),
)
def test_a_message_that_a_vault_has_no_use_for_is_answered(
    stack: Stack, element: dict[str, object]
) -> None:
    phone = stack.phone()
    with stack.inbound.counting("messages_handled_total", outcome="done"):
        phone.send(raw=element)
        phone.answer("I can only keep reports as a photo or a document")
    stack.settle()


def test_an_unknown_field_changes_nothing(stack: Stack) -> None:
    phone = stack.phone()
    phone.send(raw={"type": "text", "text": {"body": "HELP", "style": "bold"}, "mood": ["new"]})
    phone.answer("What I can do")


def test_a_reaction_is_noticed_without_an_answer(stack: Stack) -> None:
    phone = stack.phone()
    phone.say("HELP")
    said = len(phone.answers())
    with stack.inbound.counting("messages_handled_total", outcome="done"):
        phone.send(raw={"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "x"}})
        stack.settle()
    assert len(phone.answers()) == said


def test_webhooks_that_come_three_times_have_one_effect(stack: Stack) -> None:
    phone = stack.phone()
    with stack.meta.faults(duplicates={"copies": 2}):
        wamid = phone.send(text="HELP")
        phone.answer("What I can do")
        stack.settle()
        assert stack.meta.attempts(wamid) == [200, 200, 200]
    assert len(phone.answers()) == 1


def test_a_thousand_updates_in_one_post_are_all_answered(stack: Stack) -> None:
    phones = [stack.phone() for _ in range(4)]
    elements = [
        text_of(phone.user_id, f"wamid.{phone.user_id}.{number}", "hm" if number else "HELP")
        for number in range(3)
        for phone in phones
    ]
    notices = [
        {**element, "id": f"{element['id']}.{copy}", "type": "reaction", "reaction": {}}
        for copy in range(82)
        for element in elements
    ]
    assert stack.meta.post(envelope(messages(*elements, *notices[:988]))).status == 200
    stack.settle()
    for phone in phones:
        assert_in_order(phone, ["What I can do", "Send a photo", "Send a photo"])


def test_gathered_webhooks_are_answered_in_the_order_within(stack: Stack) -> None:
    phone = stack.phone()
    with stack.meta.faults(batch={"size": 3, "milliseconds": 2000}):
        for text in ("HELP", "LIST", "CANCEL"):
            phone.send(text=text)
        phone.answer("nothing to cancel")
    stack.settle()
    assert_in_order(phone, ["What I can do", "Your vault is empty", "nothing to cancel"])


def test_reordered_webhooks_are_each_answered_once(stack: Stack) -> None:
    phone = stack.phone()
    phone.say("Hello", "Welcome")
    with stack.meta.faults(reorder={"window": 3, "milliseconds": 2000}, seed=5):
        for text in ("HELP", "LIST", "CANCEL"):
            phone.send(text=text)
        stack.settle()
    said = "\n".join(phone.answers())
    for answer in ("What I can do", "Your vault is empty", "nothing to cancel"):
        assert said.count(answer) == 1


def test_no_queue_and_no_dead_letter_is_left(stack: Stack, rabbitmq: RabbitMQ) -> None:
    stack.settle()
    wait_for_empty_queues(rabbitmq, stack.servers.amqp_url)


def assert_in_order(phone: Phone, parts: list[str]) -> None:
    said = "\n".join(phone.answers())
    assert re.search(".*".join(map(re.escape, parts)), said, re.DOTALL), said
