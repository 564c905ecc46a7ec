import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.adapters.whatsapp.bounds import bounded
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.domain.conversation.events import Event, Said, SaidTooMuch, SentFile, Tapped
from medvault.domain.media import Attachment
from medvault.domain.understanding.typed import LONGEST_NAME, LONGEST_TEXT
from medvault.domain.updates import Update, UpdateKind

READER = WebhookReader()
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
)


def stored(**element: object) -> Update:
    """The update that is kept of a message."""
    value = {"messages": [{"from_user_id": "IN.1", "id": "wamid.1", **element}]}
    entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
    body = json.dumps({"object": "whatsapp_business_account", "entry": entry})
    (update,) = READER.split(body.encode())
    return update


def event(**element: object) -> Event:
    return READER.read_message(stored(**element).content).event


@pytest.mark.parametrize("length", [LONGEST_TEXT + 1, 65_536])
def test_a_text_that_is_too_long_is_told_apart_and_not_kept(length: int) -> None:
    for character in ("a", "\u0301", "\ufdfa", "😀"):
        text = character * length
        assert event(type="text", text={"body": text}) == SaidTooMuch()
        assert event(type="button", button={"text": text, "payload": text}) == SaidTooMuch()
    assert len(stored(type="text", text={"body": "a" * 65_536}).content) < 2 * LONGEST_TEXT


def test_a_text_of_the_longest_length_is_read_whole() -> None:
    for character in ("a", "\u0301", "\ufdfa", "😀"):
        text = character * LONGEST_TEXT
        assert event(type="text", text={"body": text}) == Said(text)


def test_a_command_at_the_start_of_a_long_text_is_none() -> None:
    assert event(type="text", text={"body": "STOP" + " " * 65_536}) == SaidTooMuch()


@pytest.mark.parametrize("length", [LONGEST_NAME + 1, 65_536])
def test_a_long_file_name_keeps_its_suffix(length: int) -> None:
    file = {"id": "1", "mime_type": "application/pdf", "filename": "a" * length + ".pdf"}
    found = event(type="document", document=file)
    assert isinstance(found, SentFile)
    name = found.attachment.filename or ""
    assert len(name) == LONGEST_NAME
    assert name.endswith("a….pdf")


def test_a_long_caption_is_none_and_its_file_is_taken() -> None:
    file = {"id": "1", "mime_type": "image/png", "caption": "2 May 2019" + " " * 65_536}
    assert event(type="image", image=file) == SentFile(Attachment("1", "image/png"))


def test_what_only_claims_to_be_an_id_of_ours_is_cut() -> None:
    reply = {"type": "button_reply", "button_reply": {"id": "x" * 65_536, "title": "y" * 65_536}}
    assert event(type="interactive", interactive=reply) == Tapped("x" * LONGEST_NAME)


def test_a_message_of_usual_size_is_stored_as_it_came() -> None:
    text = {"body": "अ" * LONGEST_TEXT}
    kept = orjson.loads(stored(type="text", text=text, context={"id": "wamid.0"}).content)
    assert kept["m"]["text"] == text
    assert kept["m"]["context"] == {"id": "wamid.0"}


def test_a_long_status_is_kept_without_its_length() -> None:
    status = {"id": "wamid.1", "status": "failed", "timestamp": "1"}
    errors = [{"code": 131000, "error_data": {"details": "x" * 65_536}}]
    value = {"statuses": [{**status, "errors": errors}]}
    entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
    (update,) = READER.split(orjson.dumps({"object": "whatsapp_business_account", "entry": entry}))
    assert update.kind is UpdateKind.STATUS
    assert len(update.content) < 2 * LONGEST_TEXT
    found = READER.read_status(update.content)
    assert found is not None
    assert found.code == 131000


def test_of_thousands_of_values_those_stay_that_tell_what_a_message_is() -> None:
    cards: dict[str, Any] = {"contacts": [{"name": {"first_name": str(n)}} for n in range(9000)]}
    found = bounded({**cards, "id": "wamid.1", "type": "contacts"})
    assert (found["id"], found["type"]) == ("wamid.1", "contacts")
    assert 0 < len(found["contacts"]) < 256
    assert len(bounded({str(n): n for n in range(9000)})) < 300
    assert bounded({"k" * 65_536: 1}) == {}


@given(st.dictionaries(st.text(max_size=8), ANY_JSON))
def test_what_is_small_enough_stays_what_it_is(element: dict[str, Any]) -> None:
    values = json.dumps(element).count(",") + json.dumps(element).count("{") * 2
    if values < 100:
        assert bounded(element) == element
