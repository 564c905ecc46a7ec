"""What a step of a conversation is decided on besides its state and the event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from uuid import UUID

from medvault.domain.pin import SCRYPT, Scrypt


@dataclass(frozen=True, slots=True)
class Moment:
    """The time, the clinic's day and zone, fresh ids, whom to ask, and how PINs are hashed."""

    now: datetime
    today: date
    new_id: Callable[[], UUID]
    support_contact: str | None = None
    zone: tzinfo = UTC
    scrypt: Scrypt = SCRYPT
