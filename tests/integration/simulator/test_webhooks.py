import re

from integration.simulator.business import Business
from integration.simulator.receiver import Receiver, signed
from medvault.simulator.shapes import NAMES
from medvault.simulator.views import LedgerView
from support.servers.waiting import wait_until


def test_text_beyond_ascii_is_signed_as_escaped(business: Business, receiver: Receiver) -> None:
    user = business.user(name="Zoë")
    wamid = business.says(user, text="Überweisung 🩺 ₹")
    (message,) = receiver.wait_for_messages(1)
    (hook,) = receiver.hooks
    assert hook.body.isascii()
    assert rb"\u00dcberweisung \ud83e\ude7a \u20b9" in hook.body
    assert hook.signature == signed("an-app-secret", hook.body)
    assert message == {
        "from": "919876543210",
        "from_user_id": user["user_id"],
        "id": wamid,
        "timestamp": message["timestamp"],
        "type": "text",
        "text": {"body": "Überweisung 🩺 ₹"},
    }
    assert re.fullmatch(r"\d{10}", message["timestamp"])


def test_a_user_without_a_phone_is_known_by_user_id_alone(
    business: Business, receiver: Receiver
) -> None:
    user = business.user(name="Ravi Menon", phone=None)
    business.says(user, text="hello")
    (message,) = receiver.wait_for_messages(1)
    assert "from" not in message
    assert message["from_user_id"] == user["user_id"]
    assert receiver.hooks[0].value["contacts"] == [
        {"profile": {"name": "Ravi Menon", "username": "@ravimenon"}, "user_id": user["user_id"]}
    ]


def test_a_refused_webhook_comes_again_until_200(business: Business, receiver: Receiver) -> None:
    receiver.refusals.extend([503, 500, 302, 204])
    wamid = business.says(business.user(), text="once")
    receiver.wait_for_messages(5)
    wait_until(lambda: business.ledger()["idle"], seconds=5, what="idle")
    assert {hook.body for hook in receiver.hooks} == {receiver.hooks[0].body}
    (record,) = business.ledger()["webhooks"]
    assert record["messages"] == [wamid]
    assert record["state"] == "answered"
    assert [attempt["status"] for attempt in record["attempts"]] == [503, 500, 302, 204, 200]
    said = [attempt["server_timing"] for attempt in record["attempts"]]
    assert said == [f"answer-{number}" for number in range(1, 6)]


def test_a_users_next_message_waits_for_the_answer_to_the_one_before(
    business: Business, receiver: Receiver
) -> None:
    user, other = business.user(), business.user(name="Ravi", phone="+919876500000")
    receiver.hold()
    first = business.says(user, text="1")
    second = business.says(user, text="2")
    third = business.says(other, text="3")
    assert {m["id"] for m in receiver.wait_for_messages(2)} == {first, third}
    assert business.chat(user)[0]["status"] == "sent"
    receiver.release()
    assert receiver.wait_for_messages(3)[2]["id"] == second
    wait_until(lambda: business.ledger()["idle"], seconds=5, what="idle")
    assert [m["status"] for m in business.chat(user)] == ["delivered", "delivered"]


def test_a_webhook_that_never_answers_is_tried_again(
    business: Business, receiver: Receiver
) -> None:
    business.ok("PATCH", "/sim/app", json={"webhook_url": "http://127.0.0.1:9/webhook"})
    business.says(business.user(), text="nobody home")
    wait_until(
        lambda: len(business.ledger()["webhooks"][0]["attempts"]) > 1, seconds=5, what="a retry"
    )
    business.ok("PATCH", "/sim/app", json={"webhook_url": receiver.url})
    receiver.wait_for_messages(1)
    attempts = business.ledger()["webhooks"][0]["attempts"]
    assert attempts[0]["status"] is None


def test_a_rotated_secret_signs_from_then_on(business: Business, receiver: Receiver) -> None:
    user = business.user()
    business.ok("PATCH", "/sim/app", json={"app_secret": "another-secret"})
    business.says(user, text="hello")
    receiver.wait_for_messages(1)
    assert receiver.hooks[0].signature == signed("another-secret", receiver.hooks[0].body)


def test_the_handshake_succeeds_only_with_the_right_token(business: Business) -> None:
    assert business.ok("POST", "/sim/app/verify") == {"verified": True, "status": 200}
    business.ok("PATCH", "/sim/app", json={"verify_token": "wrong"})
    assert business.ok("POST", "/sim/app/verify") == {"verified": False, "status": 403}


def test_waiting_statuses_share_a_post(business: Business, receiver: Receiver) -> None:
    user = business.user()
    business.says(user, text="hello")
    receiver.wait_for_messages(1)
    wait_until(lambda: business.ledger()["idle"], seconds=5, what="idle")
    receiver.hold()
    wamids = {business.send_text(user, f"answer {n}") for n in range(20)}
    receiver.release()
    statuses = receiver.wait_for_statuses(60)
    assert len(receiver.hooks) < 30
    assert {(s["id"], s["status"]) for s in statuses} == {
        (wamid, status) for wamid in wamids for status in ("sent", "delivered", "read")
    }


def test_the_ledger_answers_only_what_changed_since(business: Business) -> None:
    user = business.user()
    business.says(user, text="one")
    wait_until(lambda: business.ledger()["idle"], seconds=5, what="idle")
    seq = business.ledger()["seq"]
    wamid = business.says(user, text="two")
    wait_until(lambda: business.ledger()["idle"], seconds=5, what="idle")
    changed = business.ok("GET", f"/sim/ledger?since={seq}")
    assert [record["messages"] for record in changed["webhooks"]] == [[wamid]]
    assert LedgerView.model_validate(business.ledger()).idle


def test_a_user_can_send_every_shape(business: Business, receiver: Receiver) -> None:
    user = business.user(name="Asha")
    said = business.says(user, text="hello")
    for name in NAMES:
        business.says(user, shape=name)
    messages = receiver.wait_for_messages(len(NAMES) + 1)[1:]
    sent = dict(zip(NAMES, messages, strict=True))
    assert "type" not in sent["no-type"]
    assert sent["empty-id"]["id"] == ""
    assert sent["user-id-in-from"]["from"] == user["user_id"]
    contacts = [hook.value.get("contacts") for hook in receiver.hooks[1:]]
    told = dict(zip(NAMES, contacts, strict=True))
    assert told["no-contacts"] is told["system"] is None
    assert told["no-profile"] == [{"wa_id": user["phone"][1:], "user_id": user["user_id"]}]
    business.says(user, shape="revoke", wamid=said)
    last = receiver.wait_for_messages(len(NAMES) + 2)[-1]
    assert last["revoke"] == {"original_message_id": said}
