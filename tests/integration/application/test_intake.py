"""A webhook is durable before it is answered, in the inbox or in the broker."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from medvault.adapters.local.broker import LocalBroker
from medvault.adapters.postgres.group_commit import GroupCommit
from medvault.application.intake import Intake, Recorder
from medvault.bootstrap.inbound import make_recorder
from medvault.domain.errors import Permanent, Unavailable
from medvault.domain.place import Place
from medvault.domain.updates import STATUSES, SealedUpdate
from medvault.observability.metrics import REGISTRY, Tally
from medvault.ports import InboxWriter, Queue
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.clinic.deaths import Failing
from support.clinic.webhooks import status, statuses

ANNA = "IN.anna"


class Away:
    """An inbox whose database is away."""

    refused = 0

    async def add(self, updates: Sequence[SealedUpdate], patience: float = 0) -> None:
        self.refused += len(updates) if not patience else 0
        raise Unavailable("database")


class Late(Away):
    """An inbox whose database answers who has patience."""

    async def add(self, updates: Sequence[SealedUpdate], patience: float = 0) -> None:
        if not patience:
            await super().add(updates)


def counted() -> float:
    """The messages that this process has taken in."""
    Tally.settle_all()
    return REGISTRY.get_sample_value("medvault_webhook_updates_total", {"kind": "message"}) or 0.0


@pytest.fixture
def broker(clinic: Clinic) -> Iterator[LocalBroker]:
    """A broker that takes in what the database can't, and brings it home."""
    broker = LocalBroker()
    broker.subscribe_intake(make_recorder(clinic.base, clinic.waker).record)
    yield broker
    broker.stop()


def intake(clinic: Clinic, inbox: InboxWriter, spillway: LocalBroker) -> Intake:
    return Intake(clinic.base.splitter, clinic.base.sealer, inbox, spillway, clinic.waker)


def receives(clinic: Clinic, inbox: InboxWriter, broker: LocalBroker, *bodies: bytes) -> None:
    async def receive() -> None:
        for body in bodies:
            await intake(clinic, inbox, broker).receive(body)

    asyncio.run(receive())


def receives_in_inbox(clinic: Clinic, broker: LocalBroker, *bodies: bytes) -> None:
    async def receive() -> None:
        inbox = GroupCommit(clinic.tables.service_url)
        await inbox.start()
        try:
            for body in bodies:
                await intake(clinic, inbox, broker).receive(body)
        finally:
            await inbox.stop()

    asyncio.run(receive())


def keys(clinic: Clinic) -> list[str]:
    return clinic.tables.column("SELECT key FROM inbox ORDER BY seq")


def key(clinic: Clinic, wamid: str) -> str:
    return str(clinic.base.index("update", f"message|{wamid}"))


def test_spilled_webhooks_land_in_order_and_once(clinic: Clinic, broker: LocalBroker) -> None:
    bodies = [webhooks.text(ANNA, f"wamid.{n}", f"text {n}") for n in range(40)]
    receives(clinic, Away(), broker, *bodies, *bodies)
    assert keys(clinic) == [key(clinic, f"wamid.{n}") for n in range(40)]
    assert set(clinic.waker.take(Queue.INBOUND)) == {clinic.subject(ANNA)}
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert not clinic.pending()
    assert len(clinic.said(ANNA)) == 40


def test_webhooks_that_are_recorded_together_keep_their_order(clinic: Clinic) -> None:
    recorder = make_recorder(clinic.base, clinic.waker)
    bodies = [webhooks.text(ANNA, f"wamid.{n}", "hello") for n in range(9)]
    recorder.record([clinic.base.sealer.seal(body, Place.webhook()) for body in (*bodies, *bodies)])
    assert keys(clinic) == [key(clinic, f"wamid.{n}") for n in range(9)]


def test_inbox_and_recorder_make_the_same_of_a_webhook(clinic: Clinic, broker: LocalBroker) -> None:
    bodies = (
        webhooks.text(ANNA, "wamid.1", "hello"),
        webhooks.document(ANNA, "wamid.2", "7"),
        statuses(status("sent", None), status("read", None)),
        b"{broken",
    )
    receives_in_inbox(clinic, broker, *bodies)
    columns = "SELECT key, subject, kind FROM inbox ORDER BY seq"
    first = clinic.tables.rows(columns)
    assert len(first) == 5
    receives(clinic, Away(), broker, *bodies)
    assert clinic.tables.rows(columns) == first
    clinic.tables.rows("DELETE FROM inbox")
    receives(clinic, Away(), broker, *bodies)
    assert clinic.tables.rows(columns) == first


def test_what_is_committed_wakes_its_conversation_and_is_not_spilled(
    clinic: Clinic, broker: LocalBroker
) -> None:
    receives_in_inbox(clinic, broker, webhooks.text(ANNA, "wamid.1", "hello"))
    assert clinic.waker.take(Queue.INBOUND) == [clinic.subject(ANNA)]
    receives_in_inbox(clinic, broker, statuses(status("sent", None)))
    assert clinic.waker.take(Queue.INBOUND) == [STATUSES]


def test_when_both_are_away_the_webhook_is_refused(clinic: Clinic) -> None:
    with pytest.raises(Unavailable):
        receives(clinic, Away(), LocalBroker(), webhooks.text(ANNA, "wamid.1", "hello"))


def test_a_webhook_whose_recorder_fails_is_refused_and_taken_the_next_time(
    clinic: Clinic,
) -> None:
    broker = LocalBroker()
    database = Failing(clinic.database, "begin", Unavailable("database"))
    recorder = Recorder(clinic.base.splitter, clinic.base.sealer, database, clinic.waker)
    broker.subscribe_intake(recorder.record)
    body = webhooks.text(ANNA, "wamid.1", "hello")
    with pytest.raises(Unavailable):
        receives(clinic, Away(), broker, body)
    assert keys(clinic) == []
    receives(clinic, Away(), broker, body)
    assert keys(clinic) == [key(clinic, "wamid.1")]
    broker.stop()


def test_an_update_is_counted_once_however_often_it_was_tried(
    clinic: Clinic, broker: LocalBroker
) -> None:
    body, before = webhooks.text(ANNA, "wamid.1", "hello"), counted()
    with pytest.raises(Unavailable):
        receives(clinic, Away(), LocalBroker(), body)
    assert counted() == before
    receives(clinic, Late(), LocalBroker(), body)
    assert counted() == before + 1
    receives(clinic, Away(), broker, body)
    assert keys(clinic) == [key(clinic, "wamid.1")]
    assert counted() == before + 2


def test_a_webhook_without_updates_needs_nobody(clinic: Clinic) -> None:
    body = b'{"object": "whatsapp_business_account", "entry": []}'
    receives(clinic, Away(), LocalBroker(), body)
    assert keys(clinic) == []


def test_what_rests_is_sealed(clinic: Clinic, broker: LocalBroker) -> None:
    receives(clinic, Away(), broker, webhooks.text(ANNA, "wamid.secret", "my secret"))
    (content,) = clinic.tables.column("SELECT content FROM inbox")
    assert b"secret" not in bytes(content)
    with pytest.raises(Permanent):
        make_recorder(clinic.base, clinic.waker).record([bytes(content)])
