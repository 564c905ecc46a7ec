"""Letters in the outbox, to people whom the simulator knows."""

from typing import Any

from medvault.domain.identifiers import LetterId
from medvault.domain.identity import Contact
from medvault.domain.outbound import Content, SendState
from medvault.domain.replies import Reply
from medvault.ports.outbox import Letter
from medvault.ports.transactions import Transaction
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.servers.waiting import wait_until
from support.simulated import Simulator

Person = dict[str, Any]


class Letters:
    """Writes letters and looks at what becomes of them."""

    def __init__(self, clinic: Clinic, simulator: Simulator) -> None:
        self._clinic = clinic
        self._simulator = simulator

    def people(self, count: int) -> list[Person]:
        """Patients who have said hello and been answered."""
        found = [self._simulator.user(None) for _ in range(count)]
        clinic = self._clinic
        clinic.receive(*(webhooks.text(p["user_id"], clinic.wamid(), "hello") for p in found))
        clinic.inbound.handle([clinic.subject(person["user_id"]) for person in found])
        clinic.tables.rows("DELETE FROM outbox")
        return found

    def person(self) -> Person:
        """One of them."""
        return self.people(1)[0]

    def write(self, person: Person, *contents: str | Content) -> list[LetterId]:
        """Puts letters in line; a text is a reply."""
        user_id = person["user_id"]
        clinic = self._clinic
        patient_id, to = clinic.patient(user_id), Contact(user_id, None)
        letters = [
            Letter(
                LetterId(clinic.base.new_id()),
                patient_id,
                clinic.subject(user_id),
                to,
                Reply(content) if isinstance(content, str) else content,
            )
            for content in contents
        ]
        with clinic.past_policies().begin(Transaction.CONVERSE) as work:
            work.outbox.add(letters)
        return [letter.id for letter in letters]

    def state(self, letter: LetterId) -> SendState:
        """Where a letter stands."""
        statement = "SELECT state FROM outbox WHERE id = %s"
        return SendState(self._clinic.tables.one(statement, letter))

    def wait(self, letter: LetterId) -> float:
        """Seconds until a letter is looked at again."""
        statement = "SELECT extract(epoch FROM due_at - now()) FROM outbox WHERE id = %s"
        return float(self._clinic.tables.one(statement, letter))

    def until(self, letter: LetterId, *states: SendState, seconds: float = 8) -> SendState:
        """Waits until a letter stands there."""
        wait_until(
            lambda: self.state(letter) in states, seconds=seconds, what=f"a letter at {states}"
        )
        return self.state(letter)

    def settled(self, letter: LetterId, seconds: float = 8) -> SendState:
        """Waits until a letter's sending was tried and recorded."""
        tried = "SELECT leased_at IS NOT NULL AND state <> 20 FROM outbox WHERE id = %s"
        wait_until(
            lambda: self._clinic.tables.one(tried, letter), seconds=seconds, what="an outcome"
        )
        return self.state(letter)
