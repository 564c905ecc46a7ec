import json
from contextlib import suppress
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from medvault.adapters.whatsapp.errors import number
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.domain.errors import Permanent
from medvault.domain.updates import UpdateKind

READER = WebhookReader()
NAMES = st.sampled_from(
    [
        "id",
        "type",
        "from",
        "from_user_id",
        "wa_id",
        "user_id",
        "status",
        "timestamp",
        "errors",
        "text",
        "body",
        "system",
        "document",
        "interactive",
        "contacts",
        "messages",
        "code",
    ]
)
WORDS = st.sampled_from(
    [
        "text",
        "document",
        "image",
        "system",
        "button",
        "interactive",
        "unsupported",
        "button_reply",
        "sent",
        "failed",
        "wamid.1",
        "IN.1",
        "9198",
        "1795000000",
        "user_changed_number",
        "",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=9)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=12,
)
MESSAGES = st.fixed_dictionaries(
    {"id": WORDS, "type": WORDS},
    optional={
        "from": WORDS,
        "from_user_id": WORDS,
        "text": ANYTHING,
        "document": ANYTHING,
        "image": ANYTHING,
        "interactive": ANYTHING,
        "system": ANYTHING,
        "errors": ANYTHING,
    },
)
STATUSES = st.fixed_dictionaries(
    {"id": WORDS, "status": WORDS, "timestamp": WORDS | st.integers()},
    optional={"errors": ANYTHING, "biz_opaque_callback_data": ANYTHING},
)
VALUES = st.fixed_dictionaries(
    {
        "messages": st.lists(MESSAGES | ANYTHING, max_size=4),
        "statuses": st.lists(STATUSES | ANYTHING, max_size=4),
        "errors": st.lists(ANYTHING, max_size=2),
    },
    optional={"contacts": ANYTHING, "metadata": ANYTHING},
)
ENTRIES = st.lists(st.lists(VALUES, max_size=3), max_size=3)


def body(entries: list[list[dict[str, Any]]]) -> bytes:
    entry = [{"changes": [{"field": "messages", "value": v} for v in vs]} for vs in entries]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def _has_code(error: Any) -> bool:
    """Whether it is one of Meta's errors of an account, which are counted and not kept."""
    return isinstance(error, dict) and number(error.get("code")) is not None


@example([[{"messages": [], "statuses": [], "errors": [{"code": 0}, {"code": "?"}, 131000]}]])
@settings(max_examples=100)
@given(ENTRIES)
def test_no_element_is_lost_and_each_can_be_read(entries: Any) -> None:
    updates = READER.split(body(entries))
    values = [value for values in entries for value in values]
    lists = ("messages", "statuses", "errors")
    counted = [one for value in values for one in value["errors"] if _has_code(one)]
    assert len(updates) == sum(len(v[name]) for v in values for name in lists) - len(counted)
    for update in updates:
        json.loads(update.content)
        assert (update.sender is not None) == (update.kind is UpdateKind.MESSAGE)
        with suppress(Permanent):
            if update.kind is UpdateKind.MESSAGE:
                READER.read_message(update.content)
            elif update.kind is UpdateKind.STATUS:
                READER.read_status(update.content)


@settings(max_examples=100)
@given(ANYTHING)
def test_any_json_leaves_something(root: Any) -> None:
    assert READER.split(json.dumps(root).encode())


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_leave_something(data: Any) -> None:
    assert READER.split(data)


@settings(max_examples=100)
@given(ENTRIES, st.data())
def test_a_body_that_was_cut_off_is_kept(entries: Any, data: Any) -> None:
    whole = body(entries)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    (kept,) = READER.split(cut)
    assert kept.kind is UpdateKind.KEPT
