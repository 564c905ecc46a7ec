import pytest

from medvault.simulator import inbound, statuses
from medvault.simulator.errors import GraphError
from unit.medvault.simulator.conftest import PHONE, Business

TEXT = {"type": "text", "text": {"body": "hello"}}


def sends(business: Business) -> list[dict[str, object]]:
    found: list[dict[str, object]] = business.world.ledger.shown()["sends"]
    return found


def test_an_accepted_send_is_answered_shown_and_recorded(business: Business) -> None:
    answer = business.send(**TEXT, biz_opaque_callback_data="out-1")
    wamid = answer["messages"][0]["id"]
    assert answer == {
        "messaging_product": "whatsapp",
        "contacts": [{"input": PHONE, "wa_id": "919876543210"}],
        "messages": [{"id": wamid}],
    }
    shown = list(business.user.chat)[-1].shown()
    assert (shown["wamid"], shown["text"], shown["direction"]) == (wamid, "hello", "outbound")
    (record,) = sends(business)
    assert (record["wamid"], record["recipient"]) == (wamid, PHONE)
    assert (record["biz_opaque_callback_data"], record["type"]) == ("out-1", "text")
    assert (record["misdirected"], record["answered"]) == (False, True)


def test_a_send_to_a_user_id_is_answered_with_it(business: Business) -> None:
    answer = business.send(to=None, recipient=business.user.user_id, **TEXT)
    user_id = business.user.user_id
    assert answer["contacts"] == [{"input": user_id, "user_id": user_id}]


def test_unknown_recipients_cannot_be_reached(business: Business) -> None:
    assert business.refused(to="+911111111111", **TEXT) == 131026
    assert business.refused(to=None, recipient="IN.123", **TEXT) == 131026
    assert business.refused(to="+", **TEXT) == 131009
    assert not sends(business)


def test_a_number_without_plus_reaches_a_stranger(business: Business) -> None:
    answer = business.send(to="919876543210", **TEXT)
    assert answer["contacts"] == [{"input": "919876543210", "wa_id": "91919876543210"}]
    (record,) = sends(business)
    assert (record["misdirected"], record["delivered_to"]) == (True, "+91919876543210")
    assert [message.direction for message in business.user.chat] == ["inbound"]


def test_a_local_number_without_plus_gets_the_business_country(business: Business) -> None:
    business.send(to="98765 43210", **TEXT)
    assert sends(business)[0]["delivered_to"] == PHONE
    assert list(business.user.chat)[-1].content["text"] == "hello"


def test_a_user_id_given_as_number_is_dropped_silently(business: Business) -> None:
    business.send(to=business.user.user_id, **TEXT)
    (record,) = sends(business)
    assert record["delivered_to"] is None
    assert len(list(business.user.chat)) == 1


def test_after_24_hours_only_templates_reach_the_user(business: Business) -> None:
    business.now += 86_399
    business.send(**TEXT)
    business.now += 1
    assert business.refused(**TEXT) == 131047
    template = {"name": "reopen", "language": {"code": "en"}}
    business.send(type="template", template=template)
    assert business.refused(**TEXT) == 131047
    inbound.send_text(business.world, business.user, "back again")
    business.send(**TEXT)


def test_a_user_who_never_wrote_has_no_window(business: Business) -> None:
    business.world.users.add("Ravi", "+919800000000", None)
    assert business.refused(to="+919800000000", **TEXT) == 131047


def test_only_templates_that_exist_are_sent(slow_business: Business) -> None:
    language = {"code": "en"}
    slow_business.send(type="template", template={"name": "reopen", "language": language})
    other = {"name": "other", "language": language}
    assert slow_business.refused(type="template", template=other) == 132001


def test_the_pair_rate_stops_one_recipient_only(business: Business) -> None:
    other = business.world.users.add("Ravi", "+919800000000", None)
    inbound.send_text(business.world, other, "hello")
    for _ in range(45):
        business.send(**TEXT)
    assert business.refused(**TEXT) == 131056
    business.send(to="+919800000000", **TEXT)
    business.now += 6
    business.send(**TEXT)
    assert business.refused(**TEXT) == 131056


def test_number_and_user_id_share_a_pair_rate(business: Business) -> None:
    for _ in range(45):
        business.send(**TEXT)
    assert business.refused(to=None, recipient=business.user.user_id, **TEXT) == 131056


def test_the_tier_counts_both_directions(slow_business: Business) -> None:
    slow_business.now += 60
    for _ in range(10):
        inbound.send_text(slow_business.world, slow_business.user, "hello")
    for _ in range(10):
        slow_business.send(**TEXT)
    assert slow_business.refused(**TEXT) == 130429
    slow_business.now += 0.05
    slow_business.send(**TEXT)


def test_a_refused_send_costs_no_quota(slow_business: Business) -> None:
    slow_business.now += 60
    for _ in range(100):
        assert slow_business.refused(type="text", text={"body": ""}) == 131008
    slow_business.send(**TEXT)


@pytest.mark.parametrize(
    ("kind", "mime_type", "code"),
    [
        ("image", "application/pdf", 131053),
        ("document", "image/webp", 131053),
        ("audio", "video/mp4", 131053),
        ("sticker", "image/png", 131053),
    ],
)
def test_a_file_must_suit_the_message(
    business: Business, kind: str, mime_type: str, code: int
) -> None:
    assert business.refused(type=kind, **{kind: {"id": business.media(mime_type)}}) == code


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [
        ("image", "image/jpeg"),
        ("document", "application/pdf"),
        ("document", "image/png"),
        ("audio", "audio/ogg; codecs=opus"),
        ("sticker", "image/webp"),
    ],
)
def test_a_file_that_suits_is_sent(business: Business, kind: str, mime_type: str) -> None:
    business.send(type=kind, **{kind: {"id": business.media(mime_type)}})
    assert list(business.user.chat)[-1].content["mime_type"] == mime_type


def test_unknown_and_expired_files_are_not_sent(business: Business) -> None:
    assert business.refused(type="image", image={"id": "1"}) == 100
    media_id = business.media("image/png", ttl=10)
    business.now += 10
    assert business.refused(type="image", image={"id": media_id}) == 100


def test_the_header_of_a_question_may_be_a_document(business: Business) -> None:
    reply = {"type": "reply", "reply": {"id": "y", "title": "Yes"}}
    interactive = {
        "type": "button",
        "header": {"type": "document", "document": {"id": "1", "filename": "a.pdf"}},
        "body": {"text": "This one?"},
        "action": {"buttons": [reply]},
    }
    assert business.refused(type="interactive", interactive=interactive) == 100
    interactive["header"] = {
        "type": "document",
        "document": {"id": business.media("application/pdf")},
    }
    business.send(type="interactive", interactive=interactive)
    assert list(business.user.chat)[-1].content["filename"] == "report.pdf"


def test_what_is_no_json_object_is_refused(business: Business) -> None:
    for body in (b"", b"{", b"[]", b'"text"', b"\xff"):
        with pytest.raises(GraphError) as caught:
            business.sends.handle(body)
        assert caught.value.code == 100


def test_only_a_received_message_can_be_read(business: Business) -> None:
    sent = business.send(**TEXT)["messages"][0]["id"]
    for message_id in (sent, "wamid.AAAA", "not base64!", 7, None):
        assert business.refused(status="read", message_id=message_id) == 131009
    (received, *_) = business.user.chat
    assert business.refused(status="seen", message_id=received.wamid) == 131009
    assert business.send(status="read", message_id=received.wamid) == {"success": True}


def test_a_message_from_an_old_number_can_still_be_read(business: Business) -> None:
    (received,) = business.user.chat
    inbound.change_number(business.world, business.user, "+919811111111")
    assert business.send(status="read", message_id=received.wamid) == {"success": True}
    assert received.status == "read"


def test_typing_ends_after_25_seconds(business: Business) -> None:
    (received,) = business.user.chat
    typing = {"typing_indicator": {"type": "text"}}
    business.send(status="read", message_id=received.wamid, **typing)
    assert business.user.chat.typing_until == business.now + 25


def test_a_failed_message_stays_failed_when_the_phone_opens(business: Business) -> None:
    business.user.presence = "offline"
    business.send(**TEXT)
    message = list(business.user.chat)[-1]
    message.climb("failed")
    statuses.change_presence(business.world, business.user, "open")
    assert message.status == "failed"
