from typing import Any

import pytest

from medvault.simulator.errors import GraphError
from medvault.simulator.messages import parse_send

SEND = {"messaging_product": "whatsapp", "to": "+919876543210"}


def text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


def buttons(*replies: tuple[str, str], **more: Any) -> dict[str, Any]:
    found = [{"type": "reply", "reply": {"id": key, "title": title}} for key, title in replies]
    interactive = {"type": "button", "body": {"text": "?"}, "action": {"buttons": found}, **more}
    return {"type": "interactive", "interactive": interactive}


def rows(count: int, button: str = "Choose", **row: str) -> list[dict[str, str]]:
    return [{"id": f"r{n}", "title": f"Row {n}", **row} for n in range(count)]


def a_list(*sections: dict[str, Any], button: str = "Choose", **more: Any) -> dict[str, Any]:
    action = {"button": button, "sections": list(sections)}
    interactive = {"type": "list", "body": {"text": "?"}, "action": action, **more}
    return {"type": "interactive", "interactive": interactive}


def one_row(**row: str) -> dict[str, Any]:
    return a_list({"rows": [{"id": "r", "title": "Row", **row}]})


def header(words: str) -> dict[str, Any]:
    return {"header": {"type": "text", "text": words}}


AT_THE_LIMIT: dict[str, dict[str, Any]] = {
    "text body": text("é" * 4096),
    "caption": {"type": "document", "document": {"id": "1", "caption": "c" * 1024}},
    "interactive body": buttons(("y", "Yes"), body={"text": "b" * 1024}),
    "header": buttons(("y", "Yes"), **header("h" * 60)),
    "footer": buttons(("y", "Yes"), footer={"text": "f" * 60}),
    "three buttons": buttons(("1", "a"), ("2", "b"), ("3", "c")),
    "button title": buttons(("y", "t" * 20)),
    "button id": buttons(("i" * 256, "Yes")),
    "list button": a_list({"rows": rows(1)}, button="b" * 20),
    "ten rows": a_list({"title": "A", "rows": rows(5)}, {"title": "B", "rows": rows(10)[5:]}),
    "section title": a_list({"title": "s" * 24, "rows": rows(1)}),
    "row title": one_row(title="t" * 24),
    "row description": one_row(description="d" * 72),
    "row id": one_row(id="i" * 200),
    "opaque data": {**text("hi"), "biz_opaque_callback_data": "o" * 512},
}

BEYOND: dict[str, tuple[dict[str, Any], int]] = {
    "text body": (text("é" * 4097), 131009),
    "empty text": (text(""), 131008),
    "no text": ({"type": "text"}, 131008),
    "text that is a list": ({"type": "text", "text": ["hi"]}, 131008),
    "text that is a number": ({"type": "text", "text": {"body": 7}}, 131009),
    "caption": ({"type": "image", "image": {"id": "1", "caption": "c" * 1025}}, 131009),
    "caption of audio": ({"type": "audio", "audio": {"id": "1", "caption": "c"}}, 100),
    "id and link": ({"type": "image", "image": {"id": "1", "link": "https://x.example"}}, 100),
    "neither id nor link": ({"type": "image", "image": {}}, 100),
    "interactive body": (buttons(("y", "Yes"), body={"text": "b" * 1025}), 131009),
    "header": (buttons(("y", "Yes"), **header("h" * 61)), 131009),
    "footer": (buttons(("y", "Yes"), footer={"text": "f" * 61}), 131009),
    "no button": (buttons(), 131009),
    "four buttons": (buttons(("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")), 131009),
    "button title": (buttons(("y", "t" * 21)), 131009),
    "button id": (buttons(("i" * 257, "Yes")), 131009),
    "button id with a space": (buttons(("y ", "Yes")), 131009),
    "same title twice": (buttons(("1", "Yes"), ("2", "Yes")), 131009),
    "same id twice": (buttons(("1", "Yes"), ("1", "No")), 131009),
    "list button": (a_list({"rows": rows(1)}, button="b" * 21), 131009),
    "eleven rows": (a_list({"title": "A", "rows": rows(11)}), 131009),
    "eleven rows in two sections": (
        a_list({"title": "A", "rows": rows(6)}, {"title": "B", "rows": rows(11)[6:]}),
        131009,
    ),
    "no rows": (a_list({"rows": []}), 131008),
    "two sections without titles": (
        a_list({"rows": rows(1)}, {"rows": rows(2)[1:]}),
        131008,
    ),
    "same row id twice": (a_list({"rows": rows(1) + rows(1)}), 131009),
    "image header of a list": (
        a_list({"rows": rows(1)}, header={"type": "image", "image": {"id": "1"}}),
        131009,
    ),
    "section title": (a_list({"title": "s" * 25, "rows": rows(1)}), 131009),
    "row title": (one_row(title="t" * 25), 131009),
    "row description": (one_row(description="d" * 73), 131009),
    "row id": (one_row(id="i" * 201), 131009),
    "opaque data": ({**text("hi"), "biz_opaque_callback_data": "o" * 513}, 131009),
    "unknown type": ({"type": "hologram", "hologram": {}}, 131051),
    "type that is a list": ({"type": ["text"]}, 131051),
    "group": ({**text("hi"), "recipient_type": "group"}, 131009),
    "nobody": ({**text("hi"), "to": None}, 100),
    "number that is a number": ({**text("hi"), "to": 919876543210}, 100),
    "recipient that is no user id": ({**text("hi"), "to": "", "recipient": "asha"}, 131009),
    "other product": ({**text("hi"), "messaging_product": "instagram"}, 100),
    "template without a language": ({"type": "template", "template": {"name": "a"}}, 131008),
    "template of odd parts": (
        {
            "type": "template",
            "template": {"name": "a", "language": {"code": "en"}, "components": ["x"]},
        },
        131009,
    ),
    "contacts without names": ({"type": "contacts", "contacts": [{}]}, 131008),
}


@pytest.mark.parametrize("name", AT_THE_LIMIT)
def test_what_just_fits_is_taken(name: str) -> None:
    assert parse_send({**SEND, **AT_THE_LIMIT[name]}).type == AT_THE_LIMIT[name]["type"]


@pytest.mark.parametrize("name", BEYOND)
def test_what_breaks_a_limit_is_refused(name: str) -> None:
    body, code = BEYOND[name]
    with pytest.raises(GraphError) as caught:
        parse_send({**SEND, **body})
    assert caught.value.code == code
    assert caught.value.details


def test_a_number_wins_over_a_user_id() -> None:
    send = parse_send({**SEND, "recipient": "IN.1234", **text("hi")})
    assert (send.to, send.recipient) == ("+919876543210", None)


def test_a_link_button_opens_an_address() -> None:
    parameters = {"display_text": "Open", "url": "https://clinic.example/notice"}
    action = {"name": "cta_url", "parameters": parameters}
    interactive = {"type": "cta_url", "body": {"text": "?"}, "action": action}
    send = parse_send({**SEND, "type": "interactive", "interactive": interactive})
    assert send.content["link"] == {"title": "Open", "url": "https://clinic.example/notice"}
