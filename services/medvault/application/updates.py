"""The content of inbox rows: the channel's own updates, and the reports of other workers."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from medvault.domain.conversation.events import (
    Checked,
    DeliveredLate,
    Doubted,
    Event,
    Joined,
    NotDelivered,
    NotFiled,
    Rang,
    Readmitted,
    Unjoined,
    Vouched,
)
from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Verdict
from medvault.domain.updates import PendingUpdate, UpdateKind
from medvault.ports import InboundReader


class Understood(NamedTuple):
    """An update's event, and for a message its sender and wamid."""

    event: Event
    sender: Contact | None = None
    wamid: str | None = None


def read(reader: InboundReader, update: PendingUpdate) -> Understood:
    """Understand an update; raises on nonsense."""
    if update.kind is UpdateKind.MESSAGE:
        message = reader.read_message(update.content)
        contact = Contact(message.user_id, message.phone, message.proof)
        return Understood(message.event, contact, message.wamid)
    told = json.loads(update.content)
    match update.kind:
        case UpdateKind.CHECKED if "again" in told:
            return Understood(Readmitted(MediaId(UUID(told["media_id"]))))
        case UpdateKind.CHECKED:
            verdict = Verdict.of(told.get("exact"), told["verdict"])
            until = datetime.fromisoformat(told["until"]) if "until" in told else None
            removed = Verdict(told["removed"]) if "removed" in told else None
            return Understood(Checked(MediaId(UUID(told["media_id"])), verdict, until, removed))
        case UpdateKind.TIMED_OUT:
            # The release before told of no other.
            name = TimerName(told.get("timer", TimerName.SESSION))
            return Understood(Rang(name, datetime.fromisoformat(told["deadline"])))
        case UpdateKind.NOT_DELIVERED:
            return Understood(_not_delivered(told))
        case UpdateKind.DOUBTED:
            return Understood(Doubted(Doubt(told["doubt"]), told.get("proof")))
        case UpdateKind.VOUCHED:
            # The release before knows no joining: it takes this for the opening of an open vault.
            if "joined" in told:
                return Understood(Joined())
            if "unjoined" in told:
                return Understood(Unjoined())
            return Understood(Vouched(datetime.fromisoformat(told["since"])))
        case _:
            raise ValueError("not an update of a conversation")


def _not_delivered(told: Mapping[str, str]) -> NotFiled | NotDelivered | DeliveredLate:
    """Return what a patient misses; the release before takes all but the late for not sent."""
    if "filed" in told:
        return NotFiled()
    return DeliveredLate() if "late" in told else NotDelivered(ReportId(UUID(told["report_id"])))
