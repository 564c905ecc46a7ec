import base64
from typing import Any

import pytest

from integration.simulator.business import BEARER, Business
from integration.simulator.receiver import Receiver

BUTTONS = {
    "type": "button",
    "body": {"text": "Is this right?"},
    "action": {
        "buttons": [
            {"type": "reply", "reply": {"id": "yes:1", "title": "Yes"}},
            {"type": "reply", "reply": {"id": "no:1", "title": "No"}},
        ]
    },
}
LIST = {
    "type": "list",
    "body": {"text": "Which one?"},
    "action": {
        "button": "Choose",
        "sections": [{"rows": [{"id": "r1", "title": "Blood test", "description": "March"}]}],
    },
}


def test_a_user_without_a_phone_is_answered_by_user_id(
    business: Business, receiver: Receiver
) -> None:
    user = business.user(phone=None)
    business.says(user, text="hello")
    wamid = business.send_text(user, "hello to you")
    statuses = receiver.wait_for_statuses(3)
    assert {s["recipient_user_id"] for s in statuses} == {user["user_id"]}
    assert not any("recipient_id" in s for s in statuses)
    assert user["user_id"].encode() in base64.b64decode(wamid.removeprefix("wamid."))


def test_a_wamid_contains_the_phone_number(business: Business) -> None:
    wamid = business.says(business.user(), text="hello")
    assert b"919876543210" in base64.b64decode(wamid.removeprefix("wamid."))


def test_a_chat_can_be_read_from_a_message_on(business: Business) -> None:
    user = business.user()
    wamids = [business.says(user, text=text) for text in ("one", "two", "three")]
    path = f"/sim/users/{user['id']}/messages?after="
    assert [m["text"] for m in business.ok("GET", path + wamids[0])] == ["two", "three"]
    assert business.ok("GET", path + wamids[2]) == []
    assert len(business.ok("GET", path + "wamid.forgotten")) == 3


def test_a_changed_number_is_a_new_user_id_and_a_system_message(
    business: Business, receiver: Receiver
) -> None:
    user = business.user()
    business.says(user, text="hello")
    changed = business.ok("POST", f"/sim/users/{user['id']}/number", json={"phone": "+911234567"})
    assert changed["phone"] == "+911234567"
    assert changed["user_id"] != user["user_id"]
    message = receiver.wait_for_messages(2)[1]
    assert "contacts" not in receiver.hooks[-1].value
    assert message["from"] == "919876543210"
    assert message["system"] == {
        "body": "User Asha changed from 919876543210 to 911234567",
        "type": "user_changed_number",
        "wa_id": "911234567",
        "user_id": changed["user_id"],
        "previous_user_id": user["user_id"],
    }
    old = {"recipient": user["user_id"], "type": "text", "text": {"body": "still there?"}}
    assert business.send(**old).json()["error"]["code"] == 131026
    assert business.send_text(changed, "hello again")


def test_a_recycled_number_belongs_to_its_new_owner(business: Business) -> None:
    first, second = business.user(), business.user(name="Ravi")
    assert first["user_id"] != second["user_id"]
    answer = business.http.request(
        "POST", f"{business.url}/sim/users/{first['id']}/messages", json={"text": "me?"}
    )
    assert answer.status == 409
    business.says(second, text="hello")
    business.send_text(second, "for Ravi")
    assert [m["text"] for m in business.chat(second)] == ["hello", "for Ravi"]
    assert business.chat(first) == []


def test_a_tapped_button_names_what_it_answers(business: Business, receiver: Receiver) -> None:
    user = business.user()
    business.says(user, text="hello")
    asked = business.send(to=user["phone"], type="interactive", interactive=BUTTONS).json()
    business.says(user, tap="yes:1")
    message = receiver.wait_for_messages(2)[1]
    assert message["interactive"] == {
        "type": "button_reply",
        "button_reply": {"id": "yes:1", "title": "Yes"},
    }
    assert message["context"]["id"] == asked["messages"][0]["id"]
    assert [b["id"] for b in business.chat(user)[1]["buttons"]] == ["yes:1", "no:1"]


def test_a_tapped_row_comes_with_its_description(business: Business, receiver: Receiver) -> None:
    user = business.user()
    business.says(user, text="hello")
    business.send(to=user["phone"], type="interactive", interactive=LIST)
    business.says(user, tap="r1")
    assert receiver.wait_for_messages(2)[1]["interactive"] == {
        "type": "list_reply",
        "list_reply": {"id": "r1", "title": "Blood test", "description": "March"},
    }


def test_a_tap_on_nothing_says_what_is_on_offer(business: Business) -> None:
    user = business.user()
    business.says(user, text="hello")
    business.send(to=user["phone"], type="interactive", interactive=BUTTONS)
    answer = business.http.request(
        "POST", f"{business.url}/sim/users/{user['id']}/messages", json={"tap": "maybe"}
    )
    assert answer.status == 409
    assert "yes:1, no:1" in answer.json()["detail"]


def test_a_templates_quick_reply_is_a_button_message(
    business: Business, receiver: Receiver
) -> None:
    user = business.user()
    parameters = [{"type": "payload", "payload": "reopen"}]
    button = {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": parameters}
    template = {"name": "reopen", "language": {"code": "en"}, "components": [button]}
    assert business.send(to=user["phone"], type="template", template=template).status == 200
    business.says(user, tap="reopen")
    (message,) = receiver.wait_for_messages(1)
    assert (message["type"], message["button"]["payload"]) == ("button", "reopen")


def test_a_raw_element_is_merged_into_the_message(business: Business, receiver: Receiver) -> None:
    user = business.user()
    poll = {"type": "unsupported", "errors": [{"code": 131051}], "from": None}
    business.says(user, raw=poll)
    (message,) = receiver.wait_for_messages(1)
    assert (message["type"], message["errors"]) == ("unsupported", [{"code": 131051}])
    assert "from" not in message


def test_reading_turns_earlier_ticks_too_and_shows_typing(business: Business) -> None:
    user = business.user()
    first, second = business.says(user, text="1"), business.says(user, text="2")
    assert first != second
    answer = business.send(status="read", message_id=second, typing_indicator={"type": "text"})
    assert answer.json() == {"success": True}
    assert [m["status"] for m in business.chat(user)] == ["read", "read"]
    assert business.ok("GET", f"/sim/users/{user['id']}")["typing"]
    business.send_text(user, "answer")
    assert not business.ok("GET", f"/sim/users/{user['id']}")["typing"]


@pytest.mark.parametrize(
    ("presence", "reached"), [("closed", ["sent", "delivered"]), ("offline", ["sent"])]
)
def test_a_phone_catches_up_when_it_is_opened(
    business: Business, receiver: Receiver, presence: str, reached: list[str]
) -> None:
    user = business.user()
    business.says(user, text="hello")
    business.ok("PATCH", f"/sim/users/{user['id']}", json={"presence": presence})
    business.send_text(user, "answer", biz_opaque_callback_data="out-3")
    names = [s["status"] for s in receiver.wait_for_statuses(len(reached))]
    assert sorted(names) == sorted(reached)
    business.ok("PATCH", f"/sim/users/{user['id']}", json={"presence": "open"})
    statuses = receiver.wait_for_statuses(3)
    assert {s["status"] for s in statuses} == {"sent", "delivered", "read"}
    assert {s["biz_opaque_callback_data"] for s in statuses} == {"out-3"}


def test_a_switched_on_identity_check_refuses_a_stale_hash(
    business: Business, receiver: Receiver
) -> None:
    settings = {"user_identity_change": {"enable_identity_key_check": True}}
    business.http.request("POST", f"{business.number}/settings", json=settings, headers=BEARER)
    user = business.user()
    business.says(user, text="hello")
    receiver.wait_for_messages(1)
    key_hash = receiver.hooks[0].value["contacts"][0]["identity_key_hash"]
    business.send_text(user, "still you", recipient_identity_key_hash=key_hash)
    business.ok("POST", f"/sim/users/{user['id']}/identity")
    stale: dict[str, Any] = {"to": user["phone"], "type": "text", "text": {"body": "still you?"}}
    answer = business.send(**stale, recipient_identity_key_hash=key_hash)
    assert answer.json()["error"]["code"] == 137000


def test_webhooks_may_be_as_they_were_before_user_ids(
    business: Business, receiver: Receiver
) -> None:
    business.ok("PATCH", "/sim/app", json={"user_ids": False})
    user = business.user(phone="+919800000001")
    business.says(user, text="hello")
    business.ok("POST", f"/sim/users/{user['id']}/number", json={"phone": "+919800000002"})
    said, system = receiver.wait_for_messages(2)
    assert said["from"] == system["from"] == "919800000001"
    assert "user_id" not in receiver.hooks[0].value["contacts"][0]
    assert system["system"]["wa_id"] == "919800000002"
    keys = {*said, *system, *system["system"]}
    assert not keys & {"from_user_id", "user_id", "previous_user_id"}


def test_many_users_write_in_one_call(business: Business, receiver: Receiver) -> None:
    users = [business.user(phone=f"+9198000000{n:02}") for n in range(20)]
    texts = [{"user": user["id"], "text": "hello"} for user in users]
    wamids = business.ok("POST", "/sim/messages", json=texts)["wamids"]
    assert {m["id"] for m in receiver.wait_for_messages(20)} == set(wamids)
