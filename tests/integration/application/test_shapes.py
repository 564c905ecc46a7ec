"""Every shape of a message has its outcome, and the patient's next message is answered."""

import json
from typing import Any

from medvault.domain.identity import Doubt
from medvault.domain.saying import verdicts, wording
from medvault.simulator.shapes import NAMES, shape
from support.clinic.clinic import Clinic
from support.stack.meta import envelope

SILENCE = ""
LOCKED = wording.LOCKED[Doubt.KEY]
EXPECTED = {
    **dict.fromkeys(NAMES, wording.HINT),
    **dict.fromkeys(
        (
            "unheard-of", "unsupported", "no-code", "no-errors", "location", "contacts", "order",
            "audio", "video", "sticker", "image-without-id", "form",
        ),
        verdicts.UNUSABLE,
    ),
    **dict.fromkeys(("group", "reaction", "no-reaction", "system", "revoke", "no-text"), SILENCE),
    "too-large": verdicts.TOO_LARGE,
    "edit": wording.EDIT_TOO_LATE,
    "unseen-edit": wording.EDIT_UNSEEN,
    "untyped-reply": wording.HELP,
    "new-key": LOCKED,
    "moved-nowhere": wording.LOCKED[Doubt.NUMBER],
}  # fmt: skip
HELLO = {"type": "text", "text": {"body": "hello"}}


def _webhook(user: int, wamid: str, message: Any, contact: Any) -> bytes:
    user_id, phone = f"IN.{user}", f"9198{user:08}"
    known = {"from": phone, "from_user_id": user_id, "id": wamid, "timestamp": "1795000000"}
    named = {"profile": {"name": "Asha"}, "wa_id": phone, "user_id": user_id}
    value: dict[str, Any] = {"messaging_product": "whatsapp", "messages": [_sent(known, message)]}
    if contact is not None:
        value["contacts"] = [_sent(named, contact)]
    return envelope({"field": "messages", "value": value})


def _sent(base: Any, changed: Any) -> dict[str, Any]:
    return {key: value for key, value in {**base, **changed}.items() if value is not None}


def _hears(clinic: Clinic, user: int, body: bytes) -> list[str]:
    """The answers that a user gets after a webhook and all its tries."""
    before = (
        len(clinic.said(f"IN.{user}")) if clinic.tables.one(KNOWN, subject(clinic, user)) else 0
    )
    clinic.receive(body)
    for _ in range(6):
        clinic.inbound.handle([subject(clinic, user)])
        if not clinic.pending():
            break
        clinic.due()
    return [json.loads(one)["content"]["body"] for one in clinic.said(f"IN.{user}")[before:]]


KNOWN = "SELECT count(*) FROM conversations WHERE subject = %s"


def subject(clinic: Clinic, user: int) -> Any:
    return clinic.subject(f"IN.{user}")


def test_every_shape_has_its_outcome_and_the_next_message_is_answered(clinic: Clinic) -> None:
    wrong, unanswered = {}, []
    for user, name in enumerate(NAMES, start=1):
        assert _hears(clinic, user, _webhook(user, f"wamid.{name}.a", HELLO, {}))
        odd = shape(name, f"IN.{user}", f"wamid.{name}.a")
        said = "".join(
            _hears(clinic, user, _webhook(user, f"wamid.{name}.b", odd.message, odd.contact))
        )
        if not (EXPECTED[name] in said if EXPECTED[name] else said == SILENCE):
            wrong[name] = said
        if not _hears(clinic, user, _webhook(user, f"wamid.{name}.c", HELLO, {})):
            unanswered.append(name)
    assert (wrong, unanswered, clinic.pending()) == ({}, [], [])
    assert clinic.tables.column("SELECT reason FROM dead_letters") == ["unreadable"]
