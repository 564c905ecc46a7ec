"""The messages that patients write, as Meta posts them."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

PATH = "/webhook/whatsapp"
BODY_BYTES = 1200
"""About what a message of a few sentences takes with all that Meta wraps around it."""

_CHUNK = 4096
_MOST_PATIENTS = 10**8
_FILLER = "Since Monday my knee hurts when I climb stairs, so I had it looked at. "


@dataclass(frozen=True, slots=True)
class Part:
    """A message's type and the element of that name."""

    type: str
    element: Mapping[str, str]


def said(text: str) -> Part:
    """A typed text."""
    return Part("text", {"body": text})


DOCUMENT = Part(
    "document",
    {
        "id": "1166846181421424",
        "mime_type": "application/pdf",
        "sha256": base64.b64encode(bytes(32)).decode(),
        "filename": "Blood test of March.pdf",
    },
)

FILING = (said("14 March 2024"), said("City Hospital"), said("Blood test"), said("yes"))
"""Answers to the questions about a checked file, the last one files it."""
BROWSING = (said("HELP"), said("LIST"), said("Where are my X-rays?"), said("list"))
SENDING = (DOCUMENT, said("help"), said("it is from the City Hospital"), said("cancel"))
ARRIVING = (said("Hello"), said("HELP"), DOCUMENT, said("CANCEL"))
"""The script of a patient nobody has heard of before."""

SCRIPTS = (FILING,) * 4 + (BROWSING,) * 3 + (SENDING,) * 2 + (ARRIVING,)
"""The scripts of every ten patients."""


PRELUDES = (DOCUMENT,) * 4 + (said("Hello"),) * 5
"""Their messages before, none of the last of them; the file is checked when a script begins."""

LONGEST = max(map(len, SCRIPTS))


def script(patient: int) -> tuple[Part, ...]:
    """A patient's script, message by message."""
    return SCRIPTS[patient % len(SCRIPTS)]


def user_id(patient: int) -> str:
    """The business-scoped user id."""
    return f"IN.{10**15 + patient}"


def webhook(patient: int, number: int, part: Part) -> bytes:
    """The body of the POST with a patient's message; `number` is in its wamid."""
    sender, phone = user_id(patient), f"91{98 * 10**8 + patient}"
    wamid = base64.b64encode(f"HBgM{phone}FQIAEhgU{number:012d}3A5F".encode()).decode()
    contact = {
        "profile": {"name": f"Patient {patient:06d}"},
        "wa_id": phone,
        "user_id": sender,
    }
    message = {
        "from": phone,
        "from_user_id": sender,
        "id": f"wamid.{wamid}",
        "timestamp": "1763887056",
        "type": part.type,
        part.type: part.element,
    }
    return _posted({"contacts": [contact], "messages": [message]})


def status(wamid: str, name: str, reference: str | None) -> bytes:
    """The body of the POST with what became of a message of ours."""
    said = {"id": wamid, "status": name, "timestamp": "1763887056", "recipient_id": "919800000000"}
    return _posted(
        {"statuses": [said | ({"biz_opaque_callback_data": reference} if reference else {})]}
    )


def _posted(content: Mapping[str, object]) -> bytes:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        **content,
    }
    change = {"value": value, "field": "messages"}
    entry = {"id": "102290129340398", "changes": [change]}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def padded(patient: int, number: int) -> bytes:
    """A webhook of `BODY_BYTES` bytes."""
    bare = len(webhook(patient, number, said("")))
    text = (_FILLER * (BODY_BYTES // len(_FILLER) + 1))[: BODY_BYTES - bare]
    return webhook(patient, number, said(text))


def request(body: bytes, secret: bytes) -> bytes:
    """The POST with a body, signed as Meta does."""
    signature = hmac.digest(secret, body, "sha256").hex()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: facebookexternalua\r\n"
        f"Accept: */*\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True, slots=True)
class RequestFile:
    """Requests of one length, one after the other, all of different messages."""

    path: Path
    length: int
    count: int


def write_requests(path: Path, count: int, patients: int, secret: bytes) -> RequestFile:
    """Write requests, of each patient in turn."""
    length = len(request(padded(0, 0), secret))
    with path.open("wb") as file:
        for first in range(0, count, _CHUNK):
            numbers = range(first, min(first + _CHUNK, count))
            file.write(b"".join(request(padded(n % patients, n), secret) for n in numbers))
    if path.stat().st_size != length * count:
        message = "the requests are not all of one length"
        raise ValueError(message)
    return RequestFile(path, length, count)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which messages of each patient are history by now, and which wait to be handled.

    Patients write in turn, so two messages of one patient are as far apart as there are patients.
    Where fewer wait than a script has, patients stand at different places of theirs.
    """

    patients: int
    waiting: int
    first: int = 0

    def part(self, number: int, parts: int) -> "Schedule":
        """The same for some of the patients only."""
        patients = self.patients // parts
        return Schedule(patients, self.waiting, self.first + number * patients)

    def done(self, patient: int) -> int:
        """How many messages of the script are history."""
        places = len(script(patient)) - self.waiting + 1
        return patient // len(SCRIPTS) % places

    def preludes(self) -> Sequence[bytes]:
        """The webhooks with which patients became known."""
        return [
            webhook(patient, patient, PRELUDES[patient % len(SCRIPTS)])
            for patient in self._all
            if patient % len(SCRIPTS) < len(PRELUDES)
        ]

    def history(self, step: int) -> Sequence[bytes]:
        """The webhooks at this place of the scripts that are history."""
        return [self._webhook(patient, step) for patient in self._all if step < self.done(patient)]

    def backlog(self) -> Sequence[bytes]:
        """The webhooks that wait."""
        return [
            self._webhook(patient, self.done(patient) + step)
            for step in range(self.waiting)
            for patient in self._all
        ]

    @property
    def _all(self) -> range:
        return range(self.first, self.first + self.patients)

    def _webhook(self, patient: int, step: int) -> bytes:
        return webhook(patient, (step + 1) * _MOST_PATIENTS + patient, script(patient)[step])
