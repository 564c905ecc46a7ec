"""Input that kills every process that reads it has five attempts; its neighbours lose nothing."""

from contextlib import AbstractContextManager
from typing import cast

import pytest

from medvault.adapters.postgres.engine import PostgresDatabase
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.application.intake import Recorder, Splitter
from medvault.bootstrap.inbound import make_inbound
from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.errors import Unavailable
from medvault.domain.outbound import DeliveryStatus
from medvault.domain.place import Place
from medvault.domain.updates import STATUSES, SealedUpdate
from medvault.ports import Message
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.clinic.deaths import Died
from support.clinic.webhooks import status, statuses

ANNA, BEN, CARA = "IN.anna", "IN.ben", "IN.cara"
DEAD = "SELECT kind, reason, error, attempts FROM dead_letters"


class Deadly(WebhookReader):
    """Dies of a text, each time that it reads it."""

    read = 0

    def read_message(self, content: bytes) -> Message:
        if b"deadly" in content:
            self.read += 1
            raise Died
        return super().read_message(content)


class DeadlyOfStatuses(WebhookReader):
    """Dies of the second status, each time that it reads it."""

    read = 0

    def read_status(self, content: bytes) -> DeliveryStatus | None:
        if b"wamid.1" in content:
            self.read += 1
            raise Died
        return super().read_status(content)


class DeadlySplitter:
    """Dies of Anna's webhook."""

    def __init__(self, inner: Splitter) -> None:
        self._inner = inner
        self.count = inner.count
        self.deaths = 0

    def split(self, body: bytes) -> list[SealedUpdate]:
        if ANNA.encode() in body:
            self.deaths += 1
            raise Died
        return self._inner.split(body)


@pytest.fixture
def deadly(clinic: Clinic) -> Deadly:
    """The reader of a clinic's processor."""
    reader = Deadly()
    clinic.base.reader = reader
    clinic.inbound = make_inbound(clinic.base, clinic.cache, clinic.waker)
    return reader


def survives(clinic: Clinic, *, suspected: bool) -> bool:
    """Whether a processor lives through what waits."""
    subjects = [clinic.subject(user) for user in (ANNA, BEN, CARA)]
    handle = clinic.inbound.handle_suspects if suspected else clinic.inbound.handle
    try:
        handle(subjects)
    except Died:
        return False
    return True


def test_a_deadly_message_is_tried_five_times_and_then_set_aside(
    clinic: Clinic, deadly: Deadly
) -> None:
    clinic.receive(
        webhooks.text(ANNA, "wamid.a", "hello"),
        webhooks.text(BEN, "wamid.b", "hello"),
        webhooks.text(BEN, "wamid.c", "deadly"),
        webhooks.text(BEN, "wamid.d", "HELP"),
        webhooks.text(CARA, "wamid.e", "hello"),
    )
    assert not survives(clinic, suspected=False)
    deaths = 1
    while not survives(clinic, suspected=True):
        deaths += 1
        assert deaths <= MAX_ATTEMPTS
    assert deadly.read == deaths == MAX_ATTEMPTS
    assert clinic.tables.rows(DEAD) == [("update", "crash", None, MAX_ATTEMPTS)]
    assert clinic.pending() == []
    assert "What I can do" in clinic.said(BEN)[-1]
    assert len(clinic.said(ANNA)) == len(clinic.said(CARA)) == 1


def test_who_waits_behind_a_killer_loses_no_try(clinic: Clinic, deadly: Deadly) -> None:
    clinic.receive(webhooks.text(ANNA, "wamid.a", "deadly"))
    clinic.receive(*(webhooks.text(user, f"wamid.{user}", "hello") for user in (BEN, CARA)))
    waiting = "SELECT max(attempts) FROM inbox WHERE done_at IS NULL AND subject <> %s"
    while not survives(clinic, suspected=bool(deadly.read)):
        assert (clinic.tables.one(waiting, clinic.subject(ANNA)) or 0) <= 2
    assert clinic.tables.rows(DEAD) == [("update", "crash", None, MAX_ATTEMPTS)]
    assert len(clinic.said(BEN)) == len(clinic.said(CARA)) == 1


def test_a_wake_up_for_a_later_message_is_no_further_try(clinic: Clinic, deadly: Deadly) -> None:
    clinic.receive(webhooks.text(ANNA, "wamid.a", "deadly"))
    attempts = 0
    while not survives(clinic, suspected=attempts == 1):
        attempts += 1
        clinic.receive(webhooks.text(ANNA, f"wamid.{attempts}", "hello"))
    assert deadly.read == attempts == MAX_ATTEMPTS
    assert clinic.tables.rows(DEAD) == [("update", "crash", None, MAX_ATTEMPTS)]


def test_who_stood_beside_a_killer_is_handled_with_one_try_counted(
    clinic: Clinic, deadly: Deadly
) -> None:
    clinic.receive(webhooks.text(ANNA, "wamid.a", "deadly"), webhooks.text(BEN, "wamid.b", "hello"))
    assert not survives(clinic, suspected=False)
    assert not survives(clinic, suspected=True)
    waiting = "SELECT attempts FROM inbox WHERE done_at IS NULL"
    assert clinic.tables.column(waiting) == [2, 2]
    clinic.inbound.handle_suspects([clinic.subject(BEN)])
    assert clinic.tables.column(waiting) == [2]
    assert len(clinic.said(BEN)) == 1


class Leaving:
    """A database that goes away whenever conversations are to be handled."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner

    def begin(self, name: Transaction) -> AbstractContextManager[UnitOfWork]:
        if name is Transaction.CONVERSE:
            raise Unavailable("database")
        return self._inner.begin(name)

    def check(self) -> None:
        self._inner.check()


def test_a_database_that_goes_away_uses_up_no_try(clinic: Clinic) -> None:
    clinic.receive(webhooks.text(ANNA, "wamid.a", "hello"))
    clinic.base.database = cast("PostgresDatabase", Leaving(clinic.database))
    unlucky = make_inbound(clinic.base, clinic.cache, clinic.waker)
    for _ in range(3 * MAX_ATTEMPTS):
        with pytest.raises(Unavailable):
            unlucky.handle_suspects([clinic.subject(ANNA)])
    assert clinic.tables.column("SELECT attempts FROM inbox") <= [2]
    clinic.inbound.handle_suspects([clinic.subject(ANNA)])
    assert clinic.tables.column("SELECT outcome FROM inbox") == ["handled"]


def test_deadly_statuses_are_tried_alone_and_the_others_applied(clinic: Clinic) -> None:
    reader = DeadlyOfStatuses()
    clinic.base.reader = reader
    inbound = make_inbound(clinic.base, clinic.cache, clinic.waker)
    clinic.receive(statuses(*(status("sent", None, f"wamid.{n}") for n in range(4))))
    for handle in (inbound.handle, *[inbound.handle_suspects] * (MAX_ATTEMPTS - 1)):
        with pytest.raises(Died):
            handle([STATUSES])
    inbound.handle_suspects([STATUSES])
    assert reader.read == MAX_ATTEMPTS
    assert clinic.tables.rows(DEAD) == [("update", "crash", None, MAX_ATTEMPTS)]
    outcomes = clinic.tables.column("SELECT attempts FROM inbox WHERE done_at IS NULL")
    assert outcomes == [0, 0, 0], "those that match nothing yet are looked at later"


def test_a_webhook_that_kills_its_recorder_is_set_aside_and_the_others_stored(
    clinic: Clinic,
) -> None:
    sealed = [
        clinic.base.sealer.seal(webhooks.text(user, f"wamid.{user}", "hello"), Place.webhook())
        for user in (ANNA, BEN)
    ]
    splitter = DeadlySplitter(clinic.base.splitter)
    recorder = Recorder(
        cast("Splitter", splitter), clinic.base.sealer, clinic.database, clinic.waker
    )
    with pytest.raises(Died):
        recorder.record(sealed)
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(Died):
            recorder.record_suspects(sealed[:1])
        recorder.record_suspects(sealed[1:])
    recorder.record_suspects(sealed[:1])
    recorder.record_suspects(sealed[:1])
    assert splitter.deaths == MAX_ATTEMPTS
    assert clinic.tables.rows(DEAD) == [("webhook", "crash", None, MAX_ATTEMPTS)]
    assert clinic.tables.column("SELECT subject FROM inbox") == [str(clinic.subject(BEN))]
    assert clinic.tables.column("SELECT id FROM webhook_tries") == []
