import json

import pytest

from medvault.simulator.account import Account
from medvault.simulator.webhooks import (
    MessageUpdate,
    StatusUpdate,
    envelope,
    escaped,
    signature,
)

ACCOUNT = Account(
    webhook_url="http://127.0.0.1:9",
    app_secret="s",
    verify_token="v",
    access_tokens=frozenset({"t"}),
    identity_check=False,
    phone_number_id="1",
    waba_id="2",
    display_phone_number="3",
    country_code="91",
)


@pytest.mark.parametrize("text", ["plain", "é", "🩺", "\x7f", "\u2028", 'quote " and \\'])
def test_what_is_beyond_ascii_is_escaped_and_nothing_is_lost(text: str) -> None:
    body = escaped({"text": text})
    assert body.isascii()
    assert json.loads(body) == {"text": text}
    assert b'": ' not in body


def test_the_signature_is_metas() -> None:
    assert signature("key", b"The quick brown fox jumps over the lazy dog") == (
        "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    )


def test_every_message_brings_its_own_contact() -> None:
    updates = [MessageUpdate(f"w{n}", "u", {"id": f"w{n}"}, {"user_id": f"U{n}"}) for n in (1, 2)]
    (entry,) = json.loads(envelope(ACCOUNT, updates))["entry"]
    assert entry["id"] == "2"
    values = [change["value"] for change in entry["changes"]]
    assert [(v["contacts"][0]["user_id"], v["messages"][0]["id"]) for v in values] == [
        ("U1", "w1"),
        ("U2", "w2"),
    ]


def test_a_status_carries_only_what_is_known() -> None:
    status = StatusUpdate("w", "sent", 1_800_000_000, None, "IN.1", None, None)
    assert status.key == "w|sent|1800000000"
    assert status.element().keys() == {
        "id",
        "status",
        "timestamp",
        "recipient_user_id",
        "pricing",
    }
    assert status.element()["timestamp"] == "1800000000"
