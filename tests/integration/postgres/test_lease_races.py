"""Many workers at one outbox: nobody hears anything twice, or in another order."""

from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from uuid import UUID

from medvault.domain.identifiers import LaneId
from medvault.domain.outbound import Accepted, DeliveryStatus, NextStep, SendState, decide
from medvault.domain.replies import Reply
from medvault.ports.outbox import Settled
from medvault.ports.persistence import Claimed
from support.vaults import OwnDatabase, Vault, transaction

WORKERS, RECIPIENTS, LETTERS = 8, 25, 20


class Phones:
    """The messages to each recipient, in the order of sending."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.heard: dict[UUID, list[str]] = defaultdict(list)

    def receive(self, subject: LaneId, body: str) -> None:
        with self._lock:
            self.heard[subject].append(body)

    @property
    def count(self) -> int:
        return sum(len(bodies) for bodies in self.heard.values())


def fill(vault: Vault) -> list[Claimed]:
    """An outbox with the same number of messages to each of many recipients."""
    patients = [vault.patient() for _ in range(RECIPIENTS)]
    for number in range(LETTERS):
        vault.post(*(vault.letter(patient, Reply(f"{number}")) for patient in patients))
    return patients


def in_order(numbers: Iterable[int]) -> list[str]:
    """Bodies as they should be heard."""
    return [f"{number}" for number in numbers]


def test_hundreds_of_messages_leave_once_and_in_order_through_many_workers(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    patients, phones, start = fill(vault), Phones(), Barrier(WORKERS)

    def send(database: OwnDatabase) -> None:
        start.wait()
        while phones.count < RECIPIENTS * LETTERS:
            with database.begin() as work:
                leased = work.outbox.lease(7)
            for one in leased:
                assert isinstance(one.outgoing.content, Reply)
                phones.receive(one.subject, one.outgoing.content.body)
            with database.begin() as work:
                work.outbox.settle(
                    [
                        Settled(one, decide(Accepted("x"), 1), f"wamid.{one.outgoing.reference}")
                        for one in leased
                    ]
                )

    workers = [vault.worker(pool_size=1) for _ in range(WORKERS)]
    for sent in [threads.submit(send, worker) for worker in workers]:
        sent.result()
    assert dict(phones.heard) == {one.subject: in_order(range(LETTERS)) for one in patients}
    assert vault.sql("SELECT DISTINCT state, attempts FROM outbox") == [(SendState.ACCEPTED, 1)]


def test_statuses_that_come_while_messages_are_settled_lock_nobody_out(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    """Both write the same rows, in opposite orders: a deadlock would be an error here."""
    fill(vault)
    with vault.database.begin() as work:
        leased = list(work.outbox.lease(RECIPIENTS))
    start = Barrier(4)

    def settle(turned: int) -> None:
        steps = [Settled(one, decide(Accepted("x"), 1)) for one in leased[::turned]]
        database = vault.worker(pool_size=1)
        start.wait()
        for _ in range(25):
            with database.begin() as work:
                work.outbox.settle(steps)

    def climb(turned: int) -> None:
        references = [one.outgoing.reference for one in leased[::turned]]
        statuses = [
            DeliveryStatus("wamid.x", SendState.SENT, reference) for reference in references
        ]
        database = vault.worker(pool_size=1)
        start.wait()
        for _ in range(25):
            with database.begin() as work:
                assert len(work.outbox.climb(statuses).matched) == RECIPIENTS

    done = [threads.submit(one, turned) for one in (settle, climb) for turned in (1, -1)]
    for one in done:
        one.result()
    assert vault.one("SELECT count(*) FROM outbox WHERE state = 50") == RECIPIENTS


def test_a_message_that_another_worker_is_leasing_is_passed_over(vault: Vault) -> None:
    patients = [vault.patient(), vault.patient()]
    vault.post(*(vault.letter(patient, Reply(n)) for n in "ab" for patient in patients))
    other = vault.worker()
    with transaction(vault.database) as (work, commit):
        [first] = work.outbox.lease(1)
        with other.begin() as second:
            [theirs] = second.outbox.lease(10)
        assert theirs.subject != first.subject
        commit()
    with other.begin() as second:
        assert second.outbox.lease(10) == []


def test_a_lease_that_waits_for_nobody_sees_a_settled_message_as_settled(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    """A message that is being settled when others look is neither lost nor sent again."""
    patient = vault.patient()
    vault.post(*(vault.letter(patient, Reply(n)) for n in "ab"))
    with vault.database.begin() as work:
        [first] = work.outbox.lease(10)
    other = vault.worker()
    with transaction(vault.database) as (work, commit):
        work.outbox.settle([Settled(first, NextStep(SendState.ACCEPTED), "wamid.1")])
        with other.begin() as second:
            assert second.outbox.lease(10) == []
        commit()
    with other.begin() as second:
        [leased] = second.outbox.lease(10)
    assert leased.outgoing.content == Reply("b")
