"""Letters leave once, in order, in turn, and not too fast."""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from medvault.application.delivery.allowance import Rates
from medvault.domain.errors import Unavailable
from medvault.domain.outbound import SEND_DEADLINE, Answer, Outgoing, Refused, SendState
from medvault.domain.updates import STATUSES
from medvault.ports import Channel
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction
from support.clinic.clinic import Clinic
from support.clinic.letters import Letters
from support.clinic.sending import Sending, sending
from support.servers.waiting import wait_until
from support.simulated import Simulator


class Outage:
    """A database that is away while `down` is set."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.down = threading.Event()
        self.refused = 0

    @contextmanager
    def begin(self, name: Transaction) -> Iterator[UnitOfWork]:
        if self.down.is_set():
            self.refused += 1
            raise Unavailable("database")
        with self._inner.begin(name) as work:
            yield work

    def check(self) -> None:
        self._inner.check()


class ChannelBreaker:
    """A channel that tells of each answer before it hands it on, and can be held up."""

    def __init__(self, inner: Channel) -> None:
        self._inner = inner
        self.answered = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    async def send(self, message: Outgoing, not_after: float) -> Answer:
        answer = await self._inner.send(message, not_after)
        self.answered.set()
        await asyncio.to_thread(self.go_on.wait, 10)
        return answer

    async def probe(self) -> Refused | None:
        return await self._inner.probe()


def sent_to(simulator: Simulator) -> dict[str, list[str]]:
    found = defaultdict(list)
    for send in simulator.sends():
        found[send["recipient"]].append(send["biz_opaque_callback_data"])
    return found


def test_each_gets_their_letters_once_and_in_order(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    people = letters.people(8)
    written = {
        person["user_id"]: letters.write(person, *(f"letter {n}" for n in range(6)))
        for person in people
    }
    with sending(online), sending(online):
        for ids in written.values():
            letters.until(ids[-1], SendState.ACCEPTED)
    expected = {user_id: [str(id) for id in ids] for user_id, ids in written.items()}
    assert sent_to(simulator) == expected


def test_everybody_gets_a_first_letter_before_anybody_a_second(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    people = letters.people(80)
    for person in people[:20]:
        letters.write(person, "one", "two", "three")
    for person in people[20:]:
        letters.write(person, "one")
    with sending(online):
        wait_until(
            lambda: online.tables.one("SELECT bool_and(state = 40) FROM outbox"),
            seconds=10,
            what="all letters",
        )
    turns = """
        SELECT turn, min(leased_at), max(leased_at) FROM (
            SELECT leased_at, rank() OVER (PARTITION BY subject ORDER BY seq) AS turn FROM outbox
        ) AS ranked GROUP BY turn ORDER BY turn
    """
    (_, _, last_first), (_, first_second, last_second), _ = online.tables.rows(turns)
    assert last_first <= first_second <= last_second
    assert len(simulator.sends()) == 120


@pytest.mark.alone
def test_the_number_keeps_to_its_rate(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    for person in letters.people(26):
        letters.write(person, *(f"letter {n}" for n in range(5)))
    with sending(online, rates=Rates(messages_per_second=50, pair_seconds=0)):
        wait_until(lambda: len(simulator.sends()) == 130, seconds=8, what="all letters")
    times = [send["monotonic"] for send in simulator.sends()]
    burst, late = 12, 10
    for start in times:
        assert sum(start <= at < start + 1 for at in times) <= 50 + burst + late
    assert times[-1] - times[0] >= (130 - burst - late) / 50


@pytest.mark.alone
def test_a_pair_keeps_to_its_rate(online: Clinic, simulator: Simulator, letters: Letters) -> None:
    person, other = letters.people(2)
    ids = letters.write(person, *(f"letter {n}" for n in range(8)))
    rates = Rates(messages_per_second=1000, pair_seconds=0.25, pair_burst=3)
    with sending(online, rates=rates) as running:
        letters.until(ids[2], SendState.ACCEPTED)
        (quick,) = letters.write(other, "hello")
        running.wake()
        letters.until(quick, SendState.ACCEPTED)
        assert letters.state(ids[-1]) is SendState.QUEUED
        letters.until(ids[-1], SendState.ACCEPTED)
    times = [send["monotonic"] for send in simulator.sends(person)]
    assert times[-1] - times[0] >= 5 * 0.25 - 0.05
    assert online.tables.column("SELECT DISTINCT attempts FROM outbox") == [1]


def test_an_unanswered_send_is_not_repeated_once_a_status_tells_of_it(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    simulator.control("POST", "/faults", {"drop_answer": {"times": 1}})
    (letter,) = letters.write(letters.person(), "hello")
    with sending(online) as running:
        assert letters.settled(letter) is SendState.UNCONFIRMED
        assert 110 < letters.wait(letter) <= 120
        online.receive(*simulator.posted())
        online.inbound.handle([STATUSES])
        assert letters.state(letter) >= SendState.SENT
        online.due()
        running.wake()
        (marker,) = letters.write(letters.person(), "goodbye")
        running.wake()
        letters.until(marker, SendState.ACCEPTED)
    assert len(simulator.sends()) == 2


def test_an_unanswered_send_without_a_status_is_repeated_after_two_minutes(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    simulator.control("POST", "/faults", {"drop_answer": {"times": 1}})
    person = letters.person()
    letter, behind = letters.write(person, "one", "two")
    with sending(online) as running:
        assert letters.settled(letter) is SendState.UNCONFIRMED
        running.wake()
        assert letters.state(behind) is SendState.QUEUED
        back = "UPDATE outbox SET leased_at = now() - interval '11 seconds' WHERE id = %s"
        online.tables.rows(back, letter)
        letters.until(behind, SendState.ACCEPTED)
        assert letters.state(letter) is SendState.UNCONFIRMED
        assert len(simulator.sends()) == 2
        online.due()
        running.wake()
        letters.until(letter, SendState.ACCEPTED)
    assert [s["answered"] for s in simulator.sends()] == [False, True, True]
    assert online.tables.one("SELECT attempts FROM outbox WHERE id = %s", letter) == 2


def test_while_the_database_is_away_outcomes_are_kept_and_nothing_is_sent_twice(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    database, line = Outage(online.database), ChannelBreaker
    ids = [letter for p in letters.people(3) for letter in letters.write(p, "one", "two")]
    lines: list[ChannelBreaker] = []

    def channel(inner: Channel) -> Channel:
        lines.append(line(inner))
        lines[0].go_on.clear()
        return lines[0]

    with sending(online, database=database, channel=channel):
        wait_until(lambda: len(simulator.sends()) == 3, seconds=5, what="the first sends")
        database.down.set()
        lines[0].go_on.set()
        wait_until(lambda: database.refused >= 2, seconds=5, what="an outage that is felt")
        assert len(simulator.sends()) == 3
        database.down.clear()
        for letter in ids:
            letters.until(letter, SendState.ACCEPTED)
    assert len(simulator.sends()) == 6


def test_what_is_in_flight_at_the_end_is_recorded(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    for outage in (False, True):
        database = Outage(online.database)
        first, second = letters.write(letters.person(), "one", "two")
        lines: list[ChannelBreaker] = []

        def channel(inner: Channel, lines: list[ChannelBreaker] = lines) -> Channel:
            lines.append(ChannelBreaker(inner))
            lines[0].go_on.clear()
            return lines[0]

        running = Sending(online, database=database, channel=channel)
        running.start()
        wait_until(lines[0].answered.is_set, seconds=5, what="an answer")
        if outage:
            database.down.set()
            threading.Timer(0.5, database.down.clear).start()
        threading.Timer(0.2, lines[0].go_on.set).start()
        running.stop()
        assert letters.state(first) is SendState.ACCEPTED
        assert letters.state(second) is SendState.QUEUED
    assert len(simulator.sends()) == 2


def test_a_send_whose_process_died_is_settled_by_its_status(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    (letter,) = letters.write(letters.person(), "hello")
    with online.database.begin(Transaction.LEASE_LETTERS) as work:
        work.outbox.lease(10)
    assert letters.state(letter) is SendState.SENDING
    assert 110 < letters.wait(letter) <= 120
    online.due()
    with sending(online):
        letters.until(letter, SendState.ACCEPTED)
    online.receive(*simulator.posted())
    online.inbound.handle([STATUSES])
    assert letters.state(letter) >= SendState.SENT
    assert len(simulator.sends()) == 1


class Timed:
    """A database that notes when each lease was committed."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.leased_at: list[float] = []

    @contextmanager
    def begin(self, name: Transaction) -> Iterator[UnitOfWork]:
        with self._inner.begin(name) as work:
            yield work
        if name is Transaction.LEASE_LETTERS:
            self.leased_at.append(time.monotonic())

    def check(self) -> None:
        self._inner.check()


class Watch:
    """A channel that remembers until when each letter may be sent."""

    def __init__(self, inner: Channel) -> None:
        self._inner = inner
        self.deadlines: list[float] = []

    async def send(self, message: Outgoing, not_after: float) -> Answer:
        self.deadlines.append(not_after)
        return await self._inner.send(message, not_after)

    async def probe(self) -> Refused | None:
        return await self._inner.probe()


def test_the_deadline_of_a_send_counts_from_before_its_lease(
    online: Clinic, letters: Letters
) -> None:
    database, watches = Timed(online.database), list[Watch]()
    (letter,) = letters.write(letters.person(), "hello")

    def channel(inner: Channel) -> Channel:
        watches.append(Watch(inner))
        return watches[0]

    with sending(online, database=database, channel=channel):
        letters.until(letter, SendState.ACCEPTED)
    (deadline,) = watches[0].deadlines
    assert deadline - database.leased_at[0] < SEND_DEADLINE.total_seconds()
