import contextlib
from collections import Counter
from typing import Any

import pytest
from urllib3.exceptions import HTTPError

from integration.simulator.business import Business
from integration.simulator.receiver import Receiver
from support.servers.waiting import wait_until


@pytest.fixture
def user(business: Business, receiver: Receiver) -> dict[str, Any]:
    found = business.user()
    business.says(found, text="hello")
    wait_until(lambda: business.ledger()["idle"], seconds=5, what="idle")
    receiver.hooks.clear()
    return found


def test_every_webhook_comes_three_times(
    business: Business, receiver: Receiver, user: dict[str, Any]
) -> None:
    business.ok("POST", "/sim/faults", json={"duplicates": {"copies": 2}})
    wamids = [business.says(user, text=str(n)) for n in range(3)]
    receiver.wait_for_messages(9)
    wait_until(lambda: business.ledger()["idle"], seconds=5, what="idle")
    assert Counter(m["id"] for m in receiver.messages()) == dict.fromkeys(wamids, 3)
    copies = [w for w in business.ledger()["webhooks"] if w["duplicate_of"] is not None]
    assert len(copies) == 6


def test_updates_are_gathered_into_batches(
    business: Business, receiver: Receiver, user: dict[str, Any]
) -> None:
    business.ok("POST", "/sim/faults", json={"batch": {"size": 4, "milliseconds": 5000}})
    wamids = [business.says(user, text=str(n)) for n in range(4)]
    assert [m["id"] for m in receiver.wait_for_messages(4)] == wamids
    (hook,) = receiver.hooks
    assert len(hook.changes) == 4
    business.says(user, text="left over")
    business.ok("DELETE", "/sim/faults")
    receiver.wait_for_messages(5)


def test_messages_and_statuses_share_a_batch(
    business: Business, receiver: Receiver, user: dict[str, Any]
) -> None:
    business.ok("POST", "/sim/faults", json={"batch": {"size": 4, "milliseconds": 5000}})
    business.send_text(user, "answer")
    business.says(user, text="thanks")
    receiver.wait_for_messages(1)
    (hook,) = receiver.hooks
    assert (len(hook.statuses), len(hook.messages)) == (3, 1)


def test_updates_come_in_another_order(
    business: Business, receiver: Receiver, user: dict[str, Any]
) -> None:
    window = {"window": 8, "milliseconds": 5000}
    business.ok("POST", "/sim/faults", json={"reorder": window, "seed": 7})
    wamids = [business.says(user, text=str(n)) for n in range(8)]
    receiver.wait_for_messages(8)
    left = [wamid for post in business.ledger()["webhooks"] for wamid in post["messages"]][-8:]
    assert left != wamids
    assert sorted(left) == sorted(wamids)


def test_delayed_updates_come_when_faults_are_cleared(
    business: Business, receiver: Receiver, user: dict[str, Any]
) -> None:
    business.ok("POST", "/sim/faults", json={"delay": {"milliseconds": 600_000}})
    business.says(user, text="late")
    assert not business.ledger()["idle"]
    assert not receiver.hooks
    business.ok("DELETE", "/sim/faults")
    receiver.wait_for_messages(1)


def test_a_delay_of_statuses_lets_messages_through(
    business: Business, receiver: Receiver, user: dict[str, Any]
) -> None:
    delay = {"milliseconds": 600_000, "only": "statuses"}
    business.ok("POST", "/sim/faults", json={"delay": delay})
    business.send_text(user, "answer")
    business.says(user, text="thanks")
    receiver.wait_for_messages(1)
    assert not receiver.statuses()


@pytest.mark.parametrize("how", ["close", "hang"])
def test_a_dropped_answer_hides_an_accepted_send(
    business: Business, receiver: Receiver, user: dict[str, Any], how: str
) -> None:
    business.ok("POST", "/sim/faults", json={"drop_answer": {"times": 1, "how": how}})
    business.http.connection_pool_kw["timeout"] = 0.5
    with pytest.raises(HTTPError):
        business.send_text(user, "did it arrive?", biz_opaque_callback_data="out-1")
    statuses = receiver.wait_for_statuses(3)
    assert {status["biz_opaque_callback_data"] for status in statuses} == {"out-1"}
    assert [send["answered"] for send in business.ledger()["sends"]] == [False]
    assert business.send_text(user, "this one is answered")


def test_answers_are_dropped_as_often_as_the_dice_say(
    business: Business, user: dict[str, Any]
) -> None:
    dropped = {"times": 1000, "probability": 0.5}
    business.ok("POST", "/sim/faults", json={"drop_answer": dropped, "seed": 7})
    message = {"to": user["phone"], "type": "text", "text": {"body": "answer"}}
    for _ in range(20):
        with contextlib.suppress(HTTPError):
            business.send(**message)
    answered = [send["answered"] for send in business.ledger()["sends"]]
    assert len(answered) == 20
    assert 3 < sum(answered) < 17


@pytest.mark.parametrize("kind", ["server_error", "cut", "131000"])
@pytest.mark.parametrize("effect", [0, 1])
def test_an_unclear_answer_does_not_tell_whether_the_call_had_its_effect(
    business: Business, user: dict[str, Any], kind: str, effect: int
) -> None:
    unclear = {"probability": 1, "kinds": [kind], "effect": effect}
    business.ok("POST", "/sim/faults", json={"unclear": unclear})
    message = {"to": user["phone"], "type": "text", "text": {"body": "answer"}}
    if kind == "cut":
        with pytest.raises(HTTPError):
            business.send(**message)
    else:
        assert business.send(**message).status == 500
    business.ok("DELETE", "/sim/faults")
    sends = business.ledger()["sends"]
    assert len(sends) == (effect and kind != "server_error")
    assert not any(send["answered"] for send in sends)
    assert business.send(**message).status == 200


def test_an_error_answer_is_given_so_many_times(business: Business, user: dict[str, Any]) -> None:
    business.ok("POST", "/sim/faults", json={"error": {"code": 130429, "times": 2}})
    message = {"to": user["phone"], "type": "text", "text": {"body": "answer"}}
    answers = [business.send(**message) for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 200]
    assert len(business.ledger()["sends"]) == 1


def test_an_error_answer_may_hide_an_accepted_send(
    business: Business, receiver: Receiver, user: dict[str, Any]
) -> None:
    business.ok("POST", "/sim/faults", json={"error": {"code": 131000, "effect": True}})
    answer = business.send(to=user["phone"], type="text", text={"body": "answer"})
    assert (answer.status, answer.json()["error"]["code"]) == (500, 131000)
    receiver.wait_for_statuses(3)
    assert business.chat(user)[-1]["text"] == "answer"
    assert [send["answered"] for send in business.ledger()["sends"]] == [False]


def test_an_accepted_send_fails_later(
    business: Business, receiver: Receiver, user: dict[str, Any]
) -> None:
    business.ok("POST", "/sim/faults", json={"failed_status": {"code": 131026}})
    wamid = business.send_text(user, "answer", biz_opaque_callback_data="out-2")
    (status,) = receiver.wait_for_statuses(1)
    assert (status["id"], status["status"]) == (wamid, "failed")
    assert status["errors"][0]["code"] == 131026
    assert business.chat(user)[-1]["status"] == "failed"


def test_statuses_can_be_withheld(
    business: Business, receiver: Receiver, user: dict[str, Any]
) -> None:
    business.ok("POST", "/sim/faults", json={"drop_statuses": ["sent", "delivered"]})
    business.send_text(user, "answer")
    assert [status["status"] for status in receiver.wait_for_statuses(1)] == ["read"]


def test_media_calls_fail_on_order(business: Business) -> None:
    business.ok("POST", "/sim/faults", json={"error": {"code": 131016, "on": "media"}})
    refused = business.upload(b"%PDF-1.4", "application/pdf")
    assert (refused.status, refused.json()["error"]["code"]) == (500, 131016)
    assert business.upload(b"%PDF-1.4", "application/pdf").status == 200


def test_a_fault_that_does_not_exist_is_explained(business: Business) -> None:
    url = f"{business.url}/sim/faults"
    answer = business.http.request("POST", url, json={"explode": True})
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "body.explode" in answer.json()["detail"]
