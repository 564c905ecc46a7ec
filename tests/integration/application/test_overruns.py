"""One update that is computed on for too long harms itself, and no other one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest

from medvault.adapters.countries.zones import zones
from medvault.adapters.postgres.engine import PostgresDatabase, connect
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.application.inbound import Inbound
from medvault.application.sessions import Sessions
from medvault.application.statuses import Statuses
from medvault.application.time_budget import BUDGET, HEAVY, TimeBudget
from medvault.bootstrap.foundation import utc_now
from medvault.domain.dead_letters import MAX_ATTEMPTS, MAX_OVERRUNS
from medvault.domain.errors import Unavailable
from medvault.ports import Message
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.servers.waiting import wait_until

ANNA, BEN, CARA = "IN.anna", "IN.ben", "IN.cara"
IDLE_MS = 100
DEAD = "SELECT kind, reason, error, attempts FROM dead_letters"
ATTEMPTS = "SELECT attempts FROM inbox WHERE done_at IS NULL ORDER BY seq"


@dataclass
class Slow(WebhookReader):
    """Takes its time over some texts: on a clock of its own, and if it must until `ended`."""

    now: float = 0.0
    computed: float = 0.0
    each: float = 0.0
    ended: Callable[[], None] = lambda: None
    read: list[str] = field(default_factory=list)
    turns: list[float] = field(default_factory=list)

    def turn(self) -> TimeBudget:
        self.turns.append(self.now)
        return TimeBudget(lambda: self.now, lambda: self.computed)

    def read_message(self, content: bytes) -> Message:
        found = super().read_message(content)
        self.read.append(found.wamid)
        self.now += self.each
        if b"spins" in content or b"stands" in content:
            self.now += 10
            self.computed += 10 * HEAVY if b"spins" in content else 0
            self.ended()
        return found


@pytest.fixture
def slow(clinic: Clinic) -> Iterator[Slow]:
    """The reader of a clinic whose database soon loses its patience."""
    reader = Slow()
    idle = f"-c idle_in_transaction_session_timeout={IDLE_MS}"
    engine = connect(clinic.tables.service_url, options=idle)
    database = PostgresDatabase(engine, clinic.base.sealer, clinic.base.index)
    sessions = Sessions(
        database, reader, clinic.cache, clinic.waker, utc_now, clinic.base.index,
        clinic.base.new_id, ZoneInfo("UTC"), zones, new_budget=reader.turn,
    )  # fmt: skip
    statuses = Statuses(database, reader, clinic.waker, clinic.base.new_id)
    clinic.inbound = Inbound(sessions, statuses, clinic.waker)
    sessions_of = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND state = 'idle in transaction'"
    )
    reader.ended = lambda: wait_until(
        lambda: clinic.tables.one(sessions_of) == 0, seconds=5, what="the end of the session"
    )
    yield reader
    engine.dispose()


def handle(clinic: Clinic) -> None:
    clinic.inbound.handle([clinic.subject(user) for user in (ANNA, BEN, CARA)])


def test_an_update_that_outlasts_its_session_is_dead_after_two_tries_and_its_neighbours_handled(
    clinic: Clinic, slow: Slow
) -> None:
    clinic.receive(
        webhooks.text(ANNA, "wamid.a", "hello"),
        webhooks.text(BEN, "wamid.b", "hello"),
        webhooks.text(BEN, "wamid.c", "spins"),
        webhooks.text(BEN, "wamid.d", "HELP"),
        webhooks.text(CARA, "wamid.e", "hello"),
    )
    handle(clinic)
    assert clinic.tables.column(ATTEMPTS) == [1, 0]
    assert len(clinic.said(ANNA)) == len(clinic.said(BEN)) == len(clinic.said(CARA)) == 1
    clinic.due()
    handle(clinic)
    assert slow.read.count("wamid.c") == MAX_OVERRUNS
    assert clinic.tables.rows(DEAD) == [("update", "raised", "Overrun", MAX_OVERRUNS)]
    assert clinic.pending() == []
    assert "What I can do" in clinic.said(BEN)[-1]


def test_who_is_handled_beside_a_suspect_that_outlasts_its_session_is_not_counted_for_it(
    clinic: Clinic, slow: Slow
) -> None:
    clinic.receive(
        webhooks.text(ANNA, "wamid.a", "spins"),
        webhooks.text(BEN, "wamid.b", "hello"),
        webhooks.text(CARA, "wamid.c", "hello"),
    )
    subjects = [clinic.subject(user) for user in (ANNA, BEN, CARA)]
    clinic.inbound.handle_suspects(subjects)
    assert clinic.tables.rows(DEAD) == [("update", "raised", "Overrun", MAX_OVERRUNS)]
    assert clinic.pending() == []
    assert len(clinic.said(BEN)) == len(clinic.said(CARA)) == 1


def test_a_session_that_ends_while_nobody_computes_uses_up_no_try(
    clinic: Clinic, slow: Slow
) -> None:
    clinic.receive(webhooks.text(ANNA, "wamid.a", "stands"))
    for _ in range(2 * MAX_ATTEMPTS):
        with pytest.raises(Unavailable):
            handle(clinic)
    assert clinic.tables.column(ATTEMPTS) == [0]
    slow.ended = lambda: None
    handle(clinic)
    assert clinic.pending() == []


def test_what_ends_in_time_is_handled_however_much_was_computed(clinic: Clinic, slow: Slow) -> None:
    slow.ended = lambda: None
    clinic.receive(webhooks.text(ANNA, "wamid.a", "spins"))
    handle(clinic)
    assert clinic.pending() == []
    assert clinic.tables.rows(DEAD) == []


@pytest.mark.parametrize("suspected", [False, True])
def test_a_batch_commits_what_it_has_when_its_time_is_over_and_goes_on_with_the_rest(
    clinic: Clinic, slow: Slow, *, suspected: bool
) -> None:
    users = [ANNA, BEN, CARA]
    for each in range(2):
        clinic.receive(*(webhooks.text(user, f"wamid.{user}.{each}", "HELP") for user in users))
    slow.each = BUDGET / 2
    subjects = [clinic.subject(user) for user in users]
    (clinic.inbound.handle_suspects if suspected else clinic.inbound.handle)(subjects)
    assert clinic.pending() == []
    assert clinic.tables.rows(DEAD) == []
    assert len(slow.turns) >= len(users)
    assert [len(clinic.said(user)) for user in users] == [2, 2, 2]
    assert len(slow.read) == len(set(slow.read)) == 6, "nothing is looked at before its time"


def test_no_transaction_of_a_long_batch_takes_longer_than_its_budget(
    clinic: Clinic, slow: Slow
) -> None:
    clinic.receive(*(webhooks.text(ANNA, f"wamid.{n}", "HELP") for n in range(20)))
    slow.each = BUDGET / 4
    handle(clinic)
    assert clinic.pending() == []
    assert len(slow.turns) > 1
    ends = [*slow.turns[1:], slow.now]
    assert max(end - began for began, end in zip(slow.turns, ends, strict=True)) <= BUDGET
