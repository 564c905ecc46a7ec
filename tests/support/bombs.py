"""Texts that are cheap to write and dear to read, and every place of a message to put them in."""

import sys
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from typing import Any

USER = "IN.bomber"


def _of(category: str) -> str:
    every = map(chr, range(sys.maxunicode + 1))
    return "".join(one for one in every if unicodedata.category(one) == category)


def _longest(form: str, count: int) -> list[str]:
    """The characters that become most in a form of normalisation."""
    assigned = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    grown = sorted(assigned, key=lambda one: -len(unicodedata.normalize(form, one)))  # type: ignore[arg-type]
    return grown[:count]


def _reversed_marks() -> str:
    marks = [chr(code) for code in range(0x300, 0x370)]
    return "".join(sorted(marks, key=unicodedata.combining, reverse=True))


PATTERNS: Mapping[str, str] = {
    "acute and cedilla": "\u0301\u0327",
    "cedilla and acute": "\u0327\u0301",
    "marks of one class": "\u0301",
    "marks in reverse": _reversed_marks(),
    "marks that become two": "\u0344\u0327",
    "marks of music": "\U0001d160\U0001d165\U0001d16e",
    "marks on each letter": "e\u0301\u0327\u0323",
    "hebrew points": "\u05b0\u05c1\u05bc\u0591",
    "arabic marks": "\u064b\u0651\u0670",
    "enclosing marks": "a\u20dd\u20e0",
    "becomes 18": "\ufdfa",
    "becomes 8": "\ufdfb",
    "becomes most by NFKC": "".join(_longest("NFKC", 8)),
    "becomes most by NFC": "".join(_longest("NFC", 8)),
    "becomes most by NFKD": "".join(_longest("NFKD", 8)),
    "presentation forms": "\ufb2c\ufb1d",
    "greek with three marks": "\u1f82",
    "squared words": "\u3300\u3316\u33c2",
    "circled and full width": "①Ａ㍿",
    "fractions and ligatures": "⅒ﬃ",
    "grows as capital": "ŉΐﬗ",
    "sharp s": "ßẞ",
    "joiners": "\u200d",
    "joined emoji": "👩\u200d❤\u200d💋\u200d👨",
    "emoji with skin": "🏽🧑🏿",
    "flags": "🇮🇳",
    "tags": "\U0001f3f4\U000e0067\U000e007f",
    "overrides": "\u202e\u202d",
    "isolates": "\u2066\u2067\u2068\u2069",
    "embeddings without end": "\u202a\u202b",
    "spaces of all kinds": _of("Zs") + "\u2028\u2029",
    "digits of all scripts": _of("Nd"),
    "dashes of all kinds": _of("Pd"),
    "hangul letters": "\u1100\u1161\u11a8",
    "hangul without end": "\u1161\u11a8",
    "stacked letters": "\u0f71\u0f72\u0f74",
    "controls and NULs": "\x00\x1b\x9b",
    "half pairs": "\ud800\udfff",
    "private and unassigned": "\ue000\U000f0000\u0378",
    "almost a command": " GET 0",
    "almost a date": "1/ 2 . - ",
    "only quotes and dots": '"“«.!?',
}


def text(pattern: str, length: int) -> str:
    """A text of this length; a letter comes first, for the marks to hang on."""
    return "a" + "".join(islice(cycle(pattern), length - 1))


def placed(bomb: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A message for every string in it that somebody else than us has written, by its place."""
    for place, kind, body in _bodies(bomb):
        yield place, {kind: body, "type": kind}
    yield "context", {**_plain(), "context": {"id": bomb, "from": bomb, "forwarded": True}}
    yield "referral", {**_plain(), "referral": {"headline": bomb, "body": bomb, "source_url": bomb}}
    yield "unknown field", {**_plain(), bomb[:40]: bomb, "more": {"deep": [{"er": bomb}]}}
    yield "unknown type", {"type": "hologram", "hologram": {"body": bomb, "of": [bomb] * 3}}
    yield "name of a type", {"type": bomb, bomb: {"body": bomb}}
    yield "errors", {"type": "unsupported", "errors": [{"code": 131051, "title": bomb,
                     "message": bomb, "error_data": {"details": bomb}}]}  # fmt: skip
    yield "timestamp", {**_plain(), "timestamp": bomb}


def _plain() -> dict[str, Any]:
    return {"type": "text", "text": {"body": "hello"}}


def _bodies(bomb: str) -> Iterator[tuple[str, str, Any]]:
    file = {"id": "7", "mime_type": "application/pdf", "sha256": "c2hh", "filename": "a.pdf"}
    photo = {"id": "7", "mime_type": "image/jpeg"}
    yield "text", "text", {"body": bomb}
    yield "button text", "button", {"text": bomb, "payload": "p"}
    yield "button payload", "button", {"text": "LIST", "payload": bomb}
    for key in ("filename", "caption", "mime_type", "sha256", "id", "url"):
        yield f"document {key}", "document", {**file, key: bomb}
    for key in ("caption", "mime_type", "id"):
        yield f"image {key}", "image", {**photo, key: bomb}
    for kind in ("button_reply", "list_reply"):
        for id in (bomb, f"menu:{bomb}", f"report:{bomb}", f"date:1:{bomb}"):
            reply = {"id": id, "title": bomb, "description": bomb}
            yield f"{kind} {id[:5]}", "interactive", {"type": kind, kind: reply}
    form = {"name": bomb, "body": bomb, "response_json": bomb}
    yield "form", "interactive", {"type": "nfm_reply", "nfm_reply": form}
    yield "interactive type", "interactive", {"type": bomb, bomb: {"id": bomb}}
    yield "reaction", "reaction", {"emoji": bomb, "message_id": bomb}
    yield "sticker", "sticker", {"id": bomb, "mime_type": bomb}
    yield "voice", "audio", {"id": "7", "mime_type": bomb, "voice": True}
    yield "video", "video", {"id": "7", "mime_type": "video/mp4", "caption": bomb}
    yield "place", "location", {"latitude": 1, "name": bomb, "address": bomb, "url": bomb}
    name = {"formatted_name": bomb, "first_name": bomb, "last_name": bomb}
    card = {"name": name, "phones": [{"phone": bomb, "wa_id": bomb}], "org": {"company": bomb}}
    yield "cards", "contacts", [card] * 3
    item = {"product_retailer_id": bomb, "quantity": 1, "item_price": 1, "currency": bomb}
    yield "order", "order", {"catalog_id": bomb, "text": bomb, "product_items": [item] * 3}
    yield "edit", "edit", {"message": {"type": "text", "text": {"body": bomb}}}
    for change in ("user_changed_number", "customer_identity_changed", bomb):
        body = {"type": change, "body": bomb, "identity": bomb}
        yield f"system {change[:16]}", "system", {**body, "wa_id": bomb, "user_id": bomb,
                                                   "previous_user_id": USER}  # fmt: skip
    yield "system body", "system", {"type": "user_changed_number", "body": bomb, "wa_id": "9198"}
