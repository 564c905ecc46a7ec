import orjson
import pytest

from medvault.adapters.whatsapp.messages import read_message
from medvault.domain.conversation.events import (
    Arrived,
    Deleted,
    Doubted,
    Edited,
    Event,
    Moved,
    Noticed,
    Said,
    SentFile,
    SentTooLarge,
    SentUnusable,
    Tapped,
)
from medvault.domain.errors import Permanent
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Attachment
from medvault.ports import Message

SECRET = "Asha's result"
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


def test_a_reaction_needs_no_answer() -> None:
    assert event("reaction", reaction={"message_id": "wamid.0"}) == Noticed()


def test_what_is_said_in_a_group_is_not_said_to_the_vault() -> None:
    assert event("text", text={"body": "LIST"}, group_id="g1") == Noticed()


def test_who_opens_the_chat_arrives() -> None:
    assert event("request_welcome") == Arrived()


def test_an_edit_names_the_message_by_its_mark_and_says_the_new_text() -> None:
    said = read_message(content("text", text={"body": "2 Mya 2019"})).event
    assert isinstance(said, Said)
    new = {"type": "text", "text": {"body": "2 May 2019"}, "context": {"id": "x"}}
    edit = {"original_message_id": "wamid.1", "message": new}
    assert event("edit", edit=edit) == Edited(said.mark, "2 May 2019")
    assert said.mark is not None
    assert "wamid" not in said.mark


def test_an_edited_caption_says_the_new_caption() -> None:
    sent = event("image", image={"id": "1", "mime_type": "image/jpeg"})
    assert isinstance(sent, SentFile)
    new = {"type": "image", "image": {"id": "2", "caption": "2 May 2019"}}
    edit = {"original_message_id": "wamid.1", "message": new}
    assert event("edit", edit=edit) == Edited(sent.mark, "2 May 2019")
    assert event("revoke", revoke={"original_message_id": "wamid.1"}) == Deleted(sent.mark or "")


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("unsupported", {"unsupported": {"type": "edit"}, "errors": [{"code": 131051}]}, Edited()),
        ("edit", {"edit": {"original_message_id": "wamid.1"}}, Edited()),
        ("edit", {"edit": {"message": {"type": "video", "video": {}}}}, Noticed()),
        ("revoke", {"revoke": {}}, Noticed()),
        ("revoke", {"revoke": {"original_message_id": ""}}, Noticed()),
    ],
)
def test_an_edit_or_a_deletion_that_does_not_say_of_what(
    kind: str, body: dict[str, object], expected: Event
) -> None:
    assert event(kind, **body) == expected


FILE = SentFile(Attachment("7", "", None, None))


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (None, {"text": {"body": "LIST"}}, Said("LIST")),
        ("", {"image": {"id": "7"}}, FILE),
        (None, {}, SentUnusable()),
        (["text"], {}, SentUnusable()),
        ("text", {"text": "LIST"}, Said("LIST")),
        ("button", {"button": {"payload": "My reports"}}, Said("My reports")),
        ("interactive", {"interactive": {"list_reply": {"id": "n1:3"}}}, Tapped("n1:3")),
        (
            "interactive",
            {"interactive": {"type": "button_reply", "button_reply": {"title": "Yes"}}},
            Said("Yes"),
        ),
        ("document", {"document": {"id": "7"}}, FILE),
        ("document", {"document": {"id": 7, "filename": None, "caption": [], "sha256": 3}}, FILE),
        ("image", {"image": {"id": ""}}, SentUnusable()),
        ("document", {"document": SECRET}, SentUnusable()),
        ("document", {}, SentUnusable()),
        ("image", {"image": {"caption": "x"}, "errors": [{"code": 131052}]}, SentTooLarge()),
        ("unsupported", {"errors": ["x", {"title": "no code"}]}, SentUnusable()),
        ("unsupported", {"errors": 3}, SentUnusable()),
        ("unsupported", {}, SentUnusable()),
        ("system", {}, Noticed()),
        ("system", {"system": "x"}, Noticed()),
        ("system", {"system": {"type": "user_changed_number"}}, Doubted(Doubt.NUMBER)),
        ("system", {"system": {"type": "user_changed_number", "wa_id": 5}}, Doubted(Doubt.NUMBER)),
        (
            "system",
            {"system": {"type": "customer_changed_number", "new_wa_id": "911"}},
            Moved(Contact(None, "911")),
        ),
        ("system", {"system": {"type": "customer_identity_changed"}}, Doubted(Doubt.KEY)),
    ],
)
def test_odd_shapes_are_read_as_what_they_say(
    kind: object, body: dict[str, object], expected: Event
) -> None:
    assert read_message(content(kind, **body)).event == expected


def test_a_message_without_an_id_is_read() -> None:
    found = read_message(orjson.dumps({"m": {"type": "text", "text": {"body": "x"}}, "c": CARD}))
    assert (found.event, found.wamid) == (Said("x"), "")


@pytest.mark.parametrize("name", ["user_changed_number", "user_changed_user_id"])
def test_a_change_of_identity_moves_the_person(name: str) -> None:
    system = {"type": name, "user_id": "IN.2", "previous_user_id": "IN.1"}
    assert event("system", system=system) == Moved(Contact("IN.2", None))
    assert event("system", system={**system, "wa_id": "+911"}) == Moved(Contact("IN.2", "911"))
    assert event("system", system={"type": name, "wa_id": "911"}) == Moved(Contact(None, "911"))


def test_another_system_message_is_noticed() -> None:
    assert event("system", system={"type": "group_made", "body": "x"}) == Noticed()


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
        content("text"),
        content("text", text=None),
        content("text", text={"body": [SECRET]}),
        content("interactive", interactive={"type": "button_reply"}),
        content("interactive", interactive={"type": "list_reply", "list_reply": {"id": 3}}),
        content("interactive", interactive=[SECRET]),
        content("button", button={}),
        content("edit", edit=SECRET),
    ],
)
def test_a_broken_shape_is_permanent_and_quotes_nothing(broken: bytes) -> None:
    with pytest.raises(Permanent) as raised:
        read_message(broken)
    assert str(raised.value) == "a message of unknown shape"
    assert raised.value.__suppress_context__
