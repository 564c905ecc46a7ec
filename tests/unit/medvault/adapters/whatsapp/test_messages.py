import orjson
import pytest

from medvault.adapters.whatsapp.messages import read_message
from medvault.domain.errors import Permanent
from medvault.domain.events import (
    Event,
    Moved,
    Noticed,
    Said,
    SentFile,
    SentTooLarge,
    SentUnusable,
    Tapped,
)
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment
from medvault.ports import Message

CARD = {"user_id": "IN.1", "wa_id": "919876543210", "identity_key_hash": None}


def content(kind: object, **body: object) -> bytes:
    return orjson.dumps({"m": {"id": "wamid.1", "type": kind, **body}, "c": CARD})


def event(kind: str, **body: object) -> Event:
    return read_message(content(kind, **body)).event


def test_a_message_names_its_sender_and_itself() -> None:
    assert read_message(content("text", text={"body": "List"})) == Message(
        Said("List"), "IN.1", "919876543210", "wamid.1"
    )


def test_taps_carry_the_id_that_the_question_gave() -> None:
    button = {"type": "button_reply", "button_reply": {"id": "n1:yes", "title": "Yes"}}
    row = {"type": "list_reply", "list_reply": {"id": "n1:3", "title": "X-ray"}}
    assert event("interactive", interactive=button) == Tapped("n1:yes")
    assert event("interactive", interactive=row) == Tapped("n1:3")


def test_the_reply_to_a_template_is_as_if_typed() -> None:
    assert event("button", button={"payload": "p", "text": "My reports"}) == Said("My reports")


def test_a_document_has_a_name() -> None:
    file = {"id": "1", "mime_type": "application/pdf", "sha256": "s", "filename": "a.pdf"}
    attachment = Attachment("1", "application/pdf", "s", "a.pdf")
    assert event("document", document=file) == SentFile(attachment)
    assert event("document", document={**file, "caption": "mine"}) == SentFile(attachment, "mine")


def test_an_image_has_none() -> None:
    file = {"id": "1", "mime_type": "image/jpeg", "sha256": "s", "url": "https://example.org"}
    assert event("image", image=file) == SentFile(Attachment("1", "image/jpeg", "s"))


@pytest.mark.parametrize(
    "kind",
    ["video", "audio", "sticker", "location", "contacts", "order", "poll", "", "constructor"],
)
def test_what_a_vault_has_no_use_for_is_unusable(kind: str) -> None:
    assert event(kind, **{kind or "x": {"mime_type": "image/webp"}}) == SentUnusable()


def test_a_form_is_unusable() -> None:
    form = {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}
    assert event("interactive", interactive=form) == SentUnusable()


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([{"code": 131052}], SentTooLarge()),
        ([{"code": 131051}, {"code": 131052}], SentTooLarge()),
        ([{"code": 131051}], SentUnusable()),
        ([], SentUnusable()),
        (None, SentUnusable()),
    ],
)
def test_a_file_over_the_limit_is_told_from_what_is_unsupported(
    errors: object, expected: Event
) -> None:
    assert event("unsupported", errors=errors) == expected


@pytest.mark.parametrize("kind", ["reaction", "edit", "revoke"])
def test_what_needs_no_answer_is_noticed(kind: str) -> None:
    assert event(kind, **{kind: {"message_id": "wamid.0"}}) == Noticed()


@pytest.mark.parametrize("name", ["user_changed_number", "user_changed_user_id"])
def test_a_change_of_identity_moves_the_person(name: str) -> None:
    system = {"type": name, "user_id": "IN.2", "previous_user_id": "IN.1"}
    assert event("system", system=system) == Moved(Contact("IN.2", None))
    assert event("system", system={**system, "wa_id": "+911"}) == Moved(Contact("IN.2", "911"))
    assert event("system", system={"type": name, "wa_id": "911"}) == Moved(Contact(None, "911"))


def test_another_system_message_is_noticed() -> None:
    assert event("system", system={"type": "group_made", "body": "x"}) == Noticed()


SECRET = "Asha's result"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"m":{},"c":{}}',
        b'{"m":{"id":"1","type":"reaction"},"c":null}',
        content(["text"]),
        content("text"),
        content("text", text=None),
        content("text", text=SECRET),
        content("text", text={"body": [SECRET]}),
        content("button", button={"payload": SECRET}),
        content("interactive", interactive={"type": "button_reply"}),
        content("interactive", interactive={"type": "list_reply", "list_reply": {"id": 3}}),
        content("interactive", interactive=[SECRET]),
        content("document", document={"id": 1, "mime_type": SECRET}),
        content("image", image={"mime_type": "image/png", "caption": SECRET}),
        content("image", image={"id": "1", "mime_type": "image/png", "caption": [SECRET]}),
        content("unsupported", errors=[SECRET]),
        content("unsupported", errors=3),
        content("system", system={"type": "user_changed_number"}),
        content("system", system={"type": "user_changed_number", "wa_id": 5}),
        content("system", system=SECRET),
    ],
)
def test_a_broken_shape_is_permanent_and_quotes_nothing(broken: bytes) -> None:
    with pytest.raises(Permanent) as raised:
        read_message(broken)
    assert str(raised.value) == "a message of unknown shape"
    assert raised.value.__suppress_context__
