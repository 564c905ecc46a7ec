"""Webhooks as Meta posts them, written by hand."""

import json
from collections.abc import Sequence
from typing import Any

from medvault.domain.identifiers import LetterId
from support.stack.meta import envelope, messages, text_of


def text(user_id: str, wamid: str, said: str) -> bytes:
    """A text message."""
    return envelope(messages(text_of(user_id, wamid, said)))


def document(user_id: str, wamid: str, handle: str, **file: Any) -> bytes:
    """A PDF."""
    node = {"id": handle, "mime_type": "application/pdf", "filename": "report.pdf", **file}
    element = {"from_user_id": user_id, "id": wamid, "type": "document", "document": node}
    return envelope(messages(element))


def moved(user_id: str, wamid: str, new_user_id: str) -> bytes:
    """A change of the user id."""
    system = {
        "type": "user_changed_user_id",
        "previous_user_id": user_id,
        "user_id": new_user_id,
    }
    element = {"from_user_id": new_user_id, "id": wamid, "type": "system", "system": system}
    return envelope(messages(element))


def statuses(*elements: dict[str, Any]) -> bytes:
    """A webhook of statuses."""
    value = {"messaging_product": "whatsapp", "metadata": {}, "statuses": list(elements)}
    return envelope({"field": "messages", "value": value})


def status(
    name: str, reference: LetterId | None, wamid: str = "wamid.sent", codes: Sequence[int] = ()
) -> dict[str, Any]:
    """A status that tells what became of a message."""
    found: dict[str, Any] = {"id": wamid, "status": name, "timestamp": "1767225600"}
    if reference is not None:
        found["biz_opaque_callback_data"] = str(reference)
    if codes:
        found["errors"] = [{"code": code} for code in codes]
    return found


def poison(user_id: str, wamid: str) -> bytes:
    """A message that is cut out of its webhook, but can't be read."""
    return json.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [
                {
                    "changes": [
                        {
                            "field": "messages",
                            "value": {
                                "messages": [{"from_user_id": user_id, "id": wamid, "type": "text"}]
                            },
                        }
                    ]
                }
            ],
        }
    ).encode()
