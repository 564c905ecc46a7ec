from typing import Any
from uuid import UUID

import orjson
import pytest

from medvault.adapters.whatsapp.bodies import encode
from medvault.domain.identifiers import LetterId, ReportId
from medvault.domain.identity import Contact
from medvault.domain.media import FileKind
from medvault.domain.outbound import Content, Document, Outgoing, Typing
from medvault.domain.replies import Button, Reply, Row

REFERENCE = LetterId(UUID("01941f29-7c00-7000-8000-000000000001"))
BSUID = Contact("IN.1349", None)


def written(content: Content, to: Contact = BSUID) -> Any:
    return orjson.loads(encode(Outgoing(REFERENCE, to, content)))


def document(**changes: Any) -> Document:
    fields = {"filename": "scan.pdf", "caption": "Blood test", "kind": FileKind.PDF, "handle": "77"}
    return Document(ReportId(REFERENCE), **{**fields, **changes})


def test_a_text_goes_to_a_user_id() -> None:
    assert written(Reply("Hello")) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "recipient": "IN.1349",
        "type": "text",
        "text": {"body": "Hello"},
        "biz_opaque_callback_data": str(REFERENCE),
    }


def test_a_phone_is_used_only_without_a_user_id_and_with_a_plus() -> None:
    assert written(Reply("Hello"), Contact(None, "919876543210"))["to"] == "+919876543210"
    both = written(Reply("Hello"), Contact("IN.1349", "919876543210"))
    assert both["recipient"] == "IN.1349"
    assert "to" not in both


def test_nobody_gets_no_message() -> None:
    with pytest.raises(ValueError, match="nobody"):
        written(Reply("Hello"), Contact(None, None))


def test_buttons_make_an_interactive_message() -> None:
    message = written(Reply("File it?", buttons=(Button("y", "Yes"), Button("n", "No"))))
    assert message["type"] == "interactive"
    assert message["interactive"] == {
        "type": "button",
        "body": {"text": "File it?"},
        "action": {
            "buttons": [
                {"type": "reply", "reply": {"id": "y", "title": "Yes"}},
                {"type": "reply", "reply": {"id": "n", "title": "No"}},
            ]
        },
    }


def test_rows_make_a_list_of_one_section() -> None:
    rows = (Row("1", "Blood test", "14 March 2026"), Row("2", "X-ray"))
    assert written(Reply("Your reports", rows=rows, menu="Reports"))["interactive"] == {
        "type": "list",
        "body": {"text": "Your reports"},
        "action": {
            "button": "Reports",
            "sections": [
                {
                    "rows": [
                        {"id": "1", "title": "Blood test", "description": "14 March 2026"},
                        {"id": "2", "title": "X-ray"},
                    ]
                }
            ],
        },
    }


def test_a_pdf_keeps_its_name() -> None:
    message = written(document())
    assert message["type"] == "document"
    assert message["document"] == {"id": "77", "caption": "Blood test", "filename": "scan.pdf"}


@pytest.mark.parametrize("kind", [FileKind.JPEG, FileKind.PNG])
def test_a_picture_goes_as_an_image(kind: FileKind) -> None:
    message = written(document(kind=kind, caption=""))
    assert message["type"] == "image"
    assert message["image"] == {"id": "77"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"handle": None}, "not uploaded"),
        ({"kind": None}, "not uploaded"),
        ({"kind": FileKind.HEIC}, "kind"),
        ({"kind": FileKind.WEBP}, "kind"),
        ({"caption": "x" * 1025}, "1 to 1024"),
    ],
)
def test_a_document_that_meta_would_refuse_is_an_error(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        written(document(**changes))


def test_typing_marks_the_message_as_read() -> None:
    assert written(Typing("wamid.1")) == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.1",
        "typing_indicator": {"type": "text"},
    }


B = Button("a", "A")
R = Row("a", "A")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(""), "1 to 4096"),
        (Reply("x" * 4097), "1 to 4096"),
        (Reply("x" * 1025, buttons=(B,)), "1 to 1024"),
        (Reply("x" * 1025, rows=(R,), menu="Menu"), "1 to 1024"),
        (Reply("x", buttons=(B,), rows=(R,), menu="Menu"), "together"),
        (Reply("x", buttons=tuple(Button(str(i), str(i)) for i in range(4))), "too many"),
        (Reply("x", buttons=(B, Button("b", "A"))), "one title"),
        (Reply("x", buttons=(B, Button("a", "B"))), "one id"),
        (Reply("x", buttons=(Button("a", "x" * 21),)), "1 to 20"),
        (Reply("x", buttons=(Button("a", ""),)), "1 to 20"),
        (Reply("x", buttons=(Button("x" * 201, "A"),)), "1 to 200"),
        (Reply("x", rows=(R,), menu=""), "1 to 20"),
        (Reply("x", rows=(R,), menu="x" * 21), "1 to 20"),
        (Reply("x", rows=(R, R), menu="Menu"), "one id"),
        (Reply("x", rows=tuple(Row(str(i), "A") for i in range(11)), menu="Menu"), "too many"),
        (Reply("x", rows=(Row("a", "x" * 25),), menu="Menu"), "1 to 24"),
        (Reply("x", rows=(Row("a", "A", "x" * 73),), menu="Menu"), "1 to 72"),
        (Reply("x", rows=(Row("x" * 201, "A"),), menu="Menu"), "1 to 200"),
    ],
)
def test_what_breaks_a_limit_is_an_error_and_never_clipped(reply: Reply, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        written(reply)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("é" * 4096),
        Reply("x" * 1024, buttons=tuple(Button(f"{i}" * 200, f"{i}" * 20) for i in range(3))),
        Reply("x" * 1024, rows=tuple(Row(str(i), "t" * 24, "d" * 72) for i in range(10)), menu="m"),
    ],
)
def test_the_limits_themselves_are_allowed(reply: Reply) -> None:
    assert written(reply)["type"] in ("text", "interactive")
