"""Statuses of sent messages (Meta, Cloud API: Webhooks, `statuses`)."""

from typing import Any
from uuid import UUID

import orjson

from medvault.adapters.whatsapp.errors import number, reaction
from medvault.adapters.whatsapp.senders import identifier
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import LetterId
from medvault.domain.outbound import STATUS_STATES, DeliveryStatus, Reaction


def read_status(content: bytes) -> DeliveryStatus | None:
    """Read a status; None where its name is none that moves a message.

    Raises `Permanent` where it is no status at all.
    """
    try:
        status = orjson.loads(content)
        wamid, name = status["id"], status["status"]
    except (ValueError, LookupError, TypeError):
        raise Permanent("a status of unknown shape") from None
    state = STATUS_STATES.get(name) if type(name) is str else None
    if state is None or type(wamid) is not str:
        return None
    code = _code(status.get("errors"))
    return DeliveryStatus(
        wamid,
        state,
        _reference(status.get("biz_opaque_callback_data")),
        code,
        code is not None and reaction(code, 400) is Reaction.IDENTITY_CHANGED,
        identifier(status.get("recipient_identity_key_hash")),
    )


def _reference(opaque: Any) -> LetterId | None:
    try:
        return LetterId(UUID(opaque))
    except (ValueError, TypeError, AttributeError):
        return None


def _code(errors: Any) -> int | None:
    first = errors[0] if type(errors) is list and errors else None
    code = first.get("code") if type(first) is dict else None
    return number(code)
