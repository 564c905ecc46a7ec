"""A burst as Meta sends one after it could not: thousands of updates, a thousand in a POST."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID, uuid4

from support.servers.waiting import wait_until
from support.stack.meta import Meta, envelope, messages, text_of
from support.stack.phone import Phone
from support.stack.remains import Vault

GROUP = 100
"""Patients whose messages travel together."""
STATUSES = 900
"""Statuses in each POST; with a message of each patient of a group it has a thousand updates."""
LADDER = ("sent", "delivered", "read")
COMMANDS = {
    "HELP": "What I can do",
    "LIST": "Your vault is empty",
    "CANCEL": "There is nothing to cancel",
    "STOP": "Stopped.",
}
"""The texts that a patient may write, and how each is answered."""
REMARK = "Lovely weather"
HINT = "To see what you have, send LIST"


@dataclass(frozen=True, slots=True)
class Patient:
    """A phone, and what it writes; the answers must come in the same order."""

    phone: Phone
    texts: Sequence[str]

    @classmethod
    def number(cls, number: int, phone: Phone) -> "Patient":
        """Every patient writes the same in an order of their own, a command first."""
        turn = number % len(COMMANDS)
        texts = [*COMMANDS][turn:] + [*COMMANDS][:turn]
        texts.insert(1 + number // len(COMMANDS) % len(COMMANDS), REMARK)
        return cls(phone, texts)

    @property
    def heard(self) -> list[str]:
        """Which of their texts the answers are to, in the order they came."""
        marks = {mark: text for text, mark in COMMANDS.items()} | {HINT: REMARK}
        return [
            next((text for mark, text in marks.items() if mark in answer), answer)
            for answer in self.phone.answers()
        ]


class Burst:
    """Statuses of replies that were sent earlier, a part of nobody's, and new messages between."""

    def __init__(self, meta: Meta, vault: Vault, groups: int, writes: int) -> None:
        phones = [Phone(meta) for _ in range(groups * GROUP)]
        self.patients = [Patient.number(number, phone) for number, phone in enumerate(phones)]
        self._meta = meta
        self._groups = groups
        self._writes = writes
        wanted = groups * writes * STATUSES // len(LADDER)
        self.sent = _sent_earlier(vault, wanted * 9 // 10)
        self.strange = [uuid4() for _ in range(wanted - len(self.sent))]

    @property
    def messages(self) -> int:
        """How many messages it has."""
        return len(self.patients) * self._writes

    @property
    def statuses(self) -> int:
        """How many statuses of ours it has."""
        return len(self.sent) * len(LADDER)

    @property
    def strangers(self) -> int:
        """How many statuses of messages that nobody knows it has."""
        return len(self.strange) * len(LADDER)

    def post(self) -> None:
        """Post all of it, the groups at once; a patient's messages one after the other."""
        statuses = list(self._statuses())
        shares = [statuses[at : at + STATUSES] for at in range(0, len(statuses), STATUSES)]
        with ThreadPoolExecutor(self._groups) as posting:
            for done in [
                posting.submit(self._post_group, group, shares[group :: self._groups])
                for group in range(self._groups)
            ]:
                done.result()

    def _statuses(self) -> Iterator[dict[str, object]]:
        for name in LADDER:
            for letter in (*self.sent, *self.strange):
                yield {
                    "id": f"wamid.burst.{letter}",
                    "status": name,
                    "timestamp": "1767225600",
                    "biz_opaque_callback_data": str(letter),
                }

    def _post_group(self, group: int, shares: Sequence[Sequence[dict[str, object]]]) -> None:
        writers = self.patients[group * GROUP : (group + 1) * GROUP]
        for number, share in zip(range(self._writes), shares, strict=True):
            said = [
                text_of(
                    one.phone.user_id, f"wamid.burst.{one.phone.id}.{number}", one.texts[number]
                )
                for one in writers
            ]
            half = len(share) // 2
            body = envelope(_told(share[:half]), messages(*said), _told(share[half:]))
            wait_until(
                lambda body=body: self._meta.post(body).status == 200,  # type: ignore[misc]
                seconds=60,
                what="the answer 200 to a POST of the burst",
            )


def _told(statuses: Sequence[dict[str, object]]) -> dict[str, object]:
    value = {"messaging_product": "whatsapp", "metadata": {}, "statuses": statuses}
    return {"field": "messages", "value": value}


def _sent_earlier(vault: Vault, count: int) -> list[UUID]:
    """Replies that Meta has accepted, of somebody who does not take part."""
    (patient,) = vault.tables.column(
        "INSERT INTO patients (id) VALUES (gen_random_uuid()) RETURNING id::text"
    )
    letters = vault.tables.column(
        "INSERT INTO outbox (id, patient_id, subject, state, content) "
        "SELECT gen_random_uuid(), %s, gen_random_uuid(), 40, '' FROM generate_series(1, %s) "
        "RETURNING id::text",
        patient,
        count,
    )
    return [UUID(letter) for letter in letters]
