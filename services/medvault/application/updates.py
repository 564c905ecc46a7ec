"""What an inbox row says: the channel's own updates, and what other workers report."""

import json
from datetime import datetime
from uuid import UUID

from medvault.domain.events import (
    Checked,
    DeliveredLate,
    Doubted,
    Event,
    Joined,
    NotDelivered,
    Readmitted,
    TimedOut,
    Unjoined,
    Vouched,
)
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Verdict
from medvault.domain.updates import PendingUpdate, UpdateKind
from medvault.ports import InboundReader


def read(reader: InboundReader, update: PendingUpdate) -> tuple[Event, Contact | None, str | None]:
    """Return an update's event, and for a message its sender and wamid; raises on nonsense."""
    if update.kind is UpdateKind.MESSAGE:
        message = reader.read_message(update.content)
        contact = Contact(message.user_id, message.phone, message.proof)
        return message.event, contact, message.wamid
    told = json.loads(update.content)
    match update.kind:
        case UpdateKind.CHECKED if "again" in told:
            return Readmitted(UUID(told["media_id"])), None, None
        case UpdateKind.CHECKED:
            verdict = Verdict.of(told.get("exact"), told["verdict"])
            until = datetime.fromisoformat(told["until"]) if "until" in told else None
            removed = Verdict(told["removed"]) if "removed" in told else None
            return Checked(UUID(told["media_id"]), verdict, until, removed), None, None
        case UpdateKind.TIMED_OUT:
            return TimedOut(datetime.fromisoformat(told["deadline"])), None, None
        case UpdateKind.NOT_DELIVERED:
            report_id = UUID(told["report_id"])
            return DeliveredLate() if "late" in told else NotDelivered(report_id), None, None
        case UpdateKind.DOUBTED:
            return Doubted(Doubt(told["doubt"]), told.get("proof")), None, None
        case UpdateKind.VOUCHED:
            # The release before knows no joining: it takes this for the opening of an open vault.
            if "joined" in told:
                return Joined(), None, None
            if "unjoined" in told:
                return Unjoined(), None, None
            return Vouched(datetime.fromisoformat(told["since"])), None, None
        case _:
            raise ValueError("not an update of a conversation")
