"""An outcome that the database refuses holds up no other, and is not lost for good."""

from collections.abc import Iterator
from contextlib import contextmanager

from medvault.domain.errors import Transient
from medvault.domain.outbound import SendState
from medvault.domain.updates import STATUSES
from medvault.observability.metrics import REGISTRY
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction
from support.clinic.clinic import Clinic
from support.clinic.letters import Letters
from support.clinic.sending import sending
from support.servers.waiting import wait_until
from support.simulated import Simulator

REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON outbox FOR EACH ROW
    WHEN (NEW.id = '{id}' AND NEW.state >= 40) EXECUTE FUNCTION refuse()
"""


def unrecorded() -> float:
    return REGISTRY.get_sample_value("medvault_unrecorded_outcomes_total") or 0.0


class Deadlocks:
    """A database that gives up on so many settlements."""

    def __init__(self, inner: Database, count: int) -> None:
        self._inner = inner
        self.left = count

    @contextmanager
    def begin(self, name: Transaction) -> Iterator[UnitOfWork]:
        with self._inner.begin(name) as work:
            yield work
            if name is Transaction.SETTLE_LETTERS and self.left:
                self.left -= 1
                raise Transient("a deadlock")

    def check(self) -> None:
        self._inner.check()


def test_an_outcome_that_is_always_refused_is_left_to_its_status_and_the_others_go_on(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person, *others = letters.people(6)
    (refused,) = letters.write(person, "hello")
    first = [id for other in others for id in letters.write(other, "one", "two", "three")]
    online.tables.rows(REFUSE.format(id=refused))
    before = unrecorded()
    with sending(online) as running:
        for id in first:
            letters.until(id, SendState.ACCEPTED)
        wait_until(lambda: unrecorded() == before + 1, seconds=5, what="an outcome given up")
        (later,) = letters.write(others[0], "four")
        running.wake()
        letters.until(later, SendState.ACCEPTED)
        assert letters.state(refused) is SendState.SENDING
        assert 100 < letters.wait(refused) <= 120
    online.tables.rows("DROP TRIGGER refuse ON outbox")
    online.receive(*simulator.posted())
    online.inbound.handle([STATUSES])
    assert letters.state(refused) >= SendState.SENT
    assert len(simulator.sends(person)) == 1
    assert len(simulator.sends()) == len(first) + 2
    assert unrecorded() == before + 1


def test_what_the_database_gave_up_on_for_the_moment_is_recorded(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    database, before = Deadlocks(online.database, 4), unrecorded()
    ids = [id for person in letters.people(4) for id in letters.write(person, "one", "two")]
    with sending(online, database=database):
        for id in ids:
            letters.until(id, SendState.ACCEPTED)
    assert database.left == 0
    assert unrecorded() == before
    assert len(simulator.sends()) == len(ids)
