"""A patient of a clinic at whose phone or number somebody else may write, as webhooks tell it."""

from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

from medvault.domain.conversation.events import (
    Doubted,
    Event,
    Moved,
    Said,
    SentFile,
    Tapped,
    Vouched,
)
from medvault.domain.identifiers import LaneId, LetterId, PersonId
from medvault.domain.identity import Contact
from medvault.domain.place import Place
from medvault.domain.updates import UpdateKind
from medvault.ports.transactions import Transaction
from support.clinic.clinic import Clinic
from support.identities import PATIENT, PIN, Impostor
from support.stack.meta import envelope

HOSPITAL = "Apollo"


class Impostors:
    """Two reports are filed and a PIN is set; then steps of a random walk are received.

    Without `keys` no webhook tells the identity's key, as if nobody had read it.
    """

    def __init__(self, clinic: Clinic, user_id: str, *, keys: bool = True) -> None:
        self._clinic, self._keys, self._letters = clinic, keys, 0
        self.given = 0
        self.patient = replace(PATIENT, user_id=user_id)
        for _ in range(2):
            clinic.files_report(user_id)
        clinic.hears(user_id, f"SET PIN {PIN}")
        self.receives(self.patient, Said("hello"))

    def leaked(self, steps: int, seed: int = 7) -> int:
        """How often something of the vault waits to leave while its patient is not proven."""
        person = Impostor(Random(seed), held=self.patient)
        leaked = 0
        for _ in range(steps):
            person.state = self._clinic.state(str(person.held.user_id))
            shown, event = person.step()
            self.receives(shown or person.held, event)
            tells = any(HOSPITAL in one for one in self.waiting())
            leaked += tells and not person.oracle.trusted
            self.given += tells and person.oracle.trusted
            self.send()
        return leaked

    def receives(self, shown: Contact, event: Event) -> None:
        """Bring an event in as it comes, and handle what it moves."""
        clinic = self._clinic
        match event:
            case Doubted(doubt):
                self._told(shown, UpdateKind.DOUBTED, {"doubt": doubt.value})
            case Vouched(since):
                self._told(shown, UpdateKind.VOUCHED, {"since": since.isoformat()})
            case Said() | Tapped() | SentFile() | Moved():
                clinic.receive(self._webhook(shown, event))
        clinic.inbound.handle([LaneId(clinic.base.index(*shown.identity))])

    def _told(self, shown: Contact, kind: UpdateKind, content: dict[str, str]) -> None:
        patient = self._clinic.patient(str(shown.user_id))
        self._letters += 1
        with self._clinic.past_policies().begin(Transaction.SETTLE_LETTERS) as work:
            if kind is UpdateKind.DOUBTED:
                work.conversations.lock_out([patient])
            work.inbox.tell(patient, kind, content | {"letter": str(self._letters)})

    def _webhook(self, shown: Contact, event: Event) -> bytes:
        card: dict[str, Any] = {"user_id": shown.user_id, "wa_id": shown.phone}
        if self._keys:
            card["identity_key_hash"] = shown.proof
        element = {
            "id": self._clinic.wamid(),
            "from_user_id": shown.user_id,
            "from": shown.phone,
            **_body(event, shown),
        }
        value = {"messages": [_told(element)]}
        if not isinstance(event, Moved):
            value["contacts"] = [_told(card)]
        return envelope({"field": "messages", "value": value})

    def waiting(self) -> list[str]:
        """All that would leave now, and all that waits for a file to be uploaded first."""
        rows = self._clinic.tables.rows(
            "SELECT id, patient_id, content FROM outbox WHERE state < 40"
        )
        return [
            self._clinic.base.sealer.open(
                bytes(content), Place.letter(LetterId(UUID(id)), PersonId(UUID(patient)))
            ).decode()
            for id, patient, content in rows
        ]

    def send(self) -> None:
        """Let all of it leave."""
        self._clinic.tables.rows("UPDATE outbox SET state = 40 WHERE state < 40")


def _told(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if value is not None}


def _body(event: Event, shown: Contact) -> dict[str, Any]:
    match event:
        case Said(text):
            return {"type": "text", "text": {"body": text}}
        case Tapped(id):
            reply = {"type": "list_reply", "list_reply": {"id": id, "title": "x"}}
            return {"type": "interactive", "interactive": reply}
        case SentFile(attachment):
            file = {"id": "7", "mime_type": "application/pdf", "filename": attachment.filename}
            return {"type": "document", "document": file}
        case Moved(contact):
            system = _told(
                {
                    "type": "user_changed_number",
                    "previous_user_id": shown.user_id,
                    "user_id": contact.user_id,
                    "wa_id": contact.phone,
                }
            )
            return {"type": "system", "system": system}
        case _:
            raise ValueError("nothing that a webhook tells")
