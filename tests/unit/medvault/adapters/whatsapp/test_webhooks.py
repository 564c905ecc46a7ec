import base64
import hashlib
import json
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from medvault.adapters.whatsapp.webhooks import MAX_UPDATES, WebhookReader
from medvault.domain.conversation.events import Moved, Said
from medvault.domain.identity import Contact, IdentityKind
from medvault.domain.updates import Update, UpdateKind
from medvault.observability import metrics

READER = WebhookReader()
WAMID = "wamid.HBgM"
TEXT = {
    "from": "919876543210",
    "from_user_id": "IN.1349",
    "id": WAMID,
    "timestamp": "1795000000",
    "type": "text",
    "text": {"body": "List"},
}
CONTACT = {
    "profile": {"name": "Asha Rao"},
    "wa_id": "919876543210",
    "user_id": "IN.1349",
    "identity_key_hash": "h=",
}
STATUS = {"id": WAMID, "status": "read", "timestamp": "1795000000", "recipient_id": "9198"}


def posted(*values: object, field: Any = "messages") -> bytes:
    changes = [{"field": field, "value": value} for value in values]
    entry = [{"id": "1", "changes": changes}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def split(*values: object) -> list[Update]:
    return list(READER.split(posted(*values)))


def without(element: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in element.items() if name not in names}


def test_a_message_carries_its_sender_and_no_more_of_the_contact() -> None:
    (update,) = split({"contacts": [CONTACT], "messages": [TEXT]})
    assert update.kind is UpdateKind.MESSAGE
    assert update.key == f"message|{WAMID}"
    assert update.sender == (IdentityKind.BSUID, "IN.1349")
    card = {"user_id": "IN.1349", "wa_id": "919876543210", "identity_key_hash": "h="}
    assert orjson.loads(update.content) == {"m": TEXT, "c": card}


def test_what_was_split_can_be_read() -> None:
    (update,) = split({"contacts": [CONTACT], "messages": [TEXT]})
    message = READER.read_message(update.content)
    assert message.event == Said("List")
    assert (message.user_id, message.phone, message.wamid) == ("IN.1349", "919876543210", WAMID)


def test_a_status_is_kept_as_it_came() -> None:
    update, later = split({"statuses": [STATUS, {**STATUS, "timestamp": 1795000001}]})
    assert update.kind is UpdateKind.STATUS
    assert update.key == f"status|{WAMID}|read|1795000000"
    assert later.key == f"status|{WAMID}|read|1795000001"
    assert update.sender is None
    assert orjson.loads(update.content) == STATUS


def test_escaped_text_is_read() -> None:
    body = posted({"messages": [{**TEXT, "text": {"body": "café 😀"}}]})
    assert b"\\u00e9 \\ud83d\\ude00" in body
    (update,) = READER.split(body)
    assert READER.read_message(update.content).event == Said("café 😀")


def test_a_thousand_updates_in_one_post_keep_their_order() -> None:
    messages = [{**TEXT, "id": f"wamid.{number}"} for number in range(1000)]
    updates = split({"contacts": [CONTACT], "messages": messages})
    assert [update.key for update in updates] == [f"message|wamid.{n}" for n in range(1000)]


def test_every_entry_change_and_list_is_looked_at() -> None:
    value = {
        "contacts": [CONTACT],
        "messages": [TEXT],
        "statuses": [STATUS],
        "errors": [{"title": "no code"}],
    }
    body = orjson.loads(posted(value, value))
    body["entry"] *= 3
    kinds = [update.kind for update in READER.split(orjson.dumps(body))]
    assert kinds == [UpdateKind.MESSAGE, UpdateKind.STATUS, UpdateKind.KEPT] * 6


KEPT_ELEMENTS = [
    None,
    "text",
    7,
    [TEXT],
    {},
    without(TEXT, "from", "from_user_id"),
    {**TEXT, "from_user_id": "x" * 513, "from": "9" * 33},
    {**TEXT, "from_user_id": "", "from": "+"},
    {**TEXT, "from_user_id": 5, "from": "٩١٩٨"},
]


@pytest.mark.parametrize(
    "element",
    [
        without(TEXT, "id"),
        {**TEXT, "id": ""},
        {**TEXT, "id": 5},
        {**TEXT, "id": "x" * 513},
        {**TEXT, "id": "wamid.\udc00"},
        without(TEXT, "type"),
        {**TEXT, "type": None},
        {**TEXT, "type": ["text"]},
        {**TEXT, "from_user_id": None, "from": "IN.1349"},
        {**TEXT, "from_user_id": "", "from": 919876543210},
        {**TEXT, "text": {"body": "half a pair \ud83d"}},
    ],
)
def test_a_message_that_names_its_sender_is_its_senders(element: Any) -> None:
    (update,) = split({"messages": [element]})
    assert (update.kind, update.sender is None) == (UpdateKind.MESSAGE, False)
    (again,) = split({"messages": [element]})
    assert update.key == again.key
    READER.read_message(update.content)


def test_messages_without_an_id_are_told_apart_by_what_they_hold() -> None:
    one = without(TEXT, "id")
    first, other = split({"messages": [one, {**one, "timestamp": "1795000009"}]})
    assert first.key != other.key


@pytest.mark.parametrize("element", KEPT_ELEMENTS)
def test_a_message_that_is_not_understood_is_kept_and_its_neighbours_are_read(element: Any) -> None:
    value = {"messages": [TEXT, element, {**TEXT, "id": "wamid.2"}]}
    first, kept, last = split(value)
    assert [first.key, last.key] == [f"message|{WAMID}", "message|wamid.2"]
    assert kept.kind is UpdateKind.KEPT
    assert kept.key == "digest|" + hashlib.sha256(kept.content).hexdigest()
    assert kept.sender is None
    assert json.loads(kept.content) == element


@pytest.mark.parametrize(
    "element",
    [
        None,
        [],
        without(STATUS, "id"),
        without(STATUS, "status"),
        without(STATUS, "timestamp"),
        {**STATUS, "timestamp": True},
        {**STATUS, "timestamp": 1.5},
        {**STATUS, "status": {}},
        {**STATUS, "pricing": "\ud83d"},
    ],
)
def test_a_status_that_is_not_understood_is_kept(element: Any) -> None:
    kept, read = split({"statuses": [element, STATUS]})
    assert kept.kind is UpdateKind.KEPT
    assert json.loads(kept.content) == element
    assert read.kind is UpdateKind.STATUS


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "x",
        {},
        {"metadata": {}},
        {"messages": None},
        {"user_id_update": [{"user_id": {"previous": "IN.1", "current": "IN.2"}}]},
    ],
)
def test_a_value_without_anything_known_is_kept_as_the_change(value: object) -> None:
    (kept,) = split(value)
    assert kept.kind is UpdateKind.KEPT
    assert orjson.loads(kept.content) == {"field": "messages", "value": value}


NOTICE = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}


@pytest.mark.parametrize("field", [*metrics.NOTICES, "other"])
@pytest.mark.parametrize("value", [{}, NOTICE])
def test_what_tells_of_the_account_is_counted_and_not_kept(
    field: str, value: dict[str, Any]
) -> None:
    named = "not_invented_yet" if field == "other" else field
    before = metrics.notices[field]._value.get()
    body = posted(value, field=named)
    assert READER.split(body) == []
    assert metrics.notices[field]._value.get() == before + 1


def test_what_an_app_of_another_number_wrote_is_no_message_of_a_patient() -> None:
    for field in ("smb_message_echoes", "message_echoes", "history", "calls"):
        assert READER.split(posted({"messages": [TEXT], "statuses": [STATUS]}, field=field)) == []


@pytest.mark.parametrize("field", ["not_invented_yet", "", None, 5, ["messages"], {}])
@pytest.mark.parametrize("name", ["messages", "statuses"])
def test_messages_under_an_unknown_name_are_kept_whole(field: Any, name: str) -> None:
    (kept,) = READER.split(posted({name: [TEXT]}, field=field))
    assert kept.kind is UpdateKind.KEPT
    assert orjson.loads(kept.content) == {"field": field, "value": {name: [TEXT]}}


@pytest.mark.parametrize("value", [None, [], "x", 5])
def test_a_notice_that_is_none_is_kept(value: object) -> None:
    (kept,) = READER.split(posted(value, field="account_update"))
    assert orjson.loads(kept.content) == {"field": "account_update", "value": value}


@pytest.mark.parametrize("field", [None, 5, ["account_update"], {}])
def test_a_change_without_a_fields_name_is_kept(field: Any) -> None:
    (kept,) = READER.split(posted(NOTICE, field=field))
    assert kept.kind is UpdateKind.KEPT


@pytest.mark.parametrize("name", ["messages", "statuses", "errors"])
@pytest.mark.parametrize("value", [{}, "x", 0, False, {"id": "1"}])
def test_a_list_that_is_none_is_kept(name: str, value: object) -> None:
    (kept,) = split({name: value})
    assert kept.kind is UpdateKind.KEPT
    assert orjson.loads(kept.content) == value


def test_metas_errors_are_counted_and_logged_by_their_codes() -> None:
    before = metrics.notices["errors"]._value.get()
    errors = [{"code": 131000, "title": "x"}, {"code": 131016, "error_data": {"details": "y"}}]
    with capture_logs() as logs:
        assert split({"errors": errors}) == []
    assert metrics.notices["errors"]._value.get() == before + 2
    assert [line["code"] for line in logs] == [131000, 131016]
    assert {"x", "y"}.isdisjoint(str(value) for line in logs for value in line.values())


@pytest.mark.parametrize("error", [None, "x", [], {}, {"code": None}, {"code": "1"}, {"code": 1e3}])
def test_an_error_without_a_code_is_kept(error: object) -> None:
    (kept,) = split({"errors": [{"code": 1}, error]})
    assert kept.kind is UpdateKind.KEPT
    assert orjson.loads(kept.content) == error


def test_errors_beside_messages_hold_up_nobody() -> None:
    updates = split({"contacts": [CONTACT], "messages": [TEXT], "errors": [{"code": 131000}]})
    assert [update.kind for update in updates] == [UpdateKind.MESSAGE]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        posted({"messages": [TEXT]})[:-1],
        posted({"messages": [TEXT]}) + b"}",
        b"\xff\xfe{}",
        posted({"messages": [TEXT]}).decode().encode("utf-16"),
        b'{"object":"whatsapp_business_account","entry":' + b"[" * 100_000,
        b"[" * 900 + b"]" * 900,
        b"9" * 5000,
    ],
)
def test_a_body_that_cannot_be_parsed_is_kept_whole(body: bytes) -> None:
    (kept,) = READER.split(body)
    assert kept.kind is UpdateKind.KEPT
    assert kept.key.startswith("digest|")
    assert len(kept.content) >= len(body)


@pytest.mark.parametrize(
    "root", [None, [], "x", 5, {}, {"object": "page", "entry": []}, {"object": ["x"]}]
)
def test_a_body_of_another_kind_is_kept(root: object) -> None:
    (kept,) = READER.split(orjson.dumps(root))
    assert kept.kind is UpdateKind.KEPT
    assert orjson.loads(kept.content) == root


def test_a_deep_element_is_kept_and_its_neighbours_are_read() -> None:
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"d": deep}
    kept, read = split({"messages": [{**TEXT, "text": deep}, TEXT]})
    assert kept.kind is UpdateKind.KEPT
    assert json.loads(kept.content)["text"] == deep
    assert read.kind is UpdateKind.MESSAGE


def test_a_number_change_is_read_from_the_conversation_of_the_old_identity() -> None:
    system = {
        "type": "user_changed_number",
        "body": "x",
        "wa_id": "911111111111",
        "user_id": "IN.2",
        "previous_user_id": "IN.1349",
    }
    element = {**without(TEXT, "from_user_id", "text"), "type": "system", "system": system}
    (update,) = split({"messages": [element]})
    assert update.sender == (IdentityKind.BSUID, "IN.1349")
    message = READER.read_message(update.content)
    assert message.event == Moved(Contact("IN.2", "911111111111"))
    assert (message.user_id, message.phone) == ("IN.1349", "919876543210")


def many(count: int, text: str = "Hi") -> bytes:
    said = {"from": "4915112345678", "type": "text", "text": {"body": text}}
    value = {"messages": [{**said, "id": f"wamid.{number}"} for number in range(count)]}
    change = {"field": "messages", "value": value}
    entry = {"id": "1", "changes": [change]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def test_as_many_updates_as_meta_sends_are_cut_and_twice_as_many() -> None:
    assert len(READER.split(many(MAX_UPDATES))) == MAX_UPDATES


def test_more_updates_than_that_are_kept_whole() -> None:
    body = many(MAX_UPDATES + 1)
    (kept,) = READER.split(body)
    assert kept.kind is UpdateKind.KEPT
    assert base64.b64decode(json.loads(kept.content)["body"]) == body


@pytest.mark.parametrize("of", ["entry", "changes", "statuses", "errors", "contacts"])
def test_more_of_anything_else_is_kept_whole_too(of: str) -> None:
    some: list[object] = [{}] * (MAX_UPDATES + 1)
    value = {of: some, "messages": [{}]} if of not in ("entry", "changes") else {}
    changes = some if of == "changes" else [{"field": "messages", "value": value}]
    entries = some if of == "entry" else [{"id": "1", "changes": changes}]
    body = json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()
    (kept,) = READER.split(body)
    assert base64.b64decode(json.loads(kept.content)["body"]) == body


def test_texts_full_of_brackets_and_quotes_keep_nobody_unanswered() -> None:
    body = many(1000, '[,{"\\' * 300)
    assert len(body) > 1024 * 1024
    assert [update.kind for update in READER.split(body)] == [UpdateKind.MESSAGE] * 1000


def test_what_would_take_long_to_parse_is_kept_whole() -> None:
    for body in (b"[" + b"[]," * 200_000 + b"1]", b"[" * 200_000, b'["",' * 200_000):
        (kept,) = READER.split(body)
        assert base64.b64decode(json.loads(kept.content)["body"]) == body
