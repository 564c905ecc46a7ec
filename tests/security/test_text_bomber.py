"""One patient sends texts that were dear to read; another one does not notice."""

import json
import threading
import time
import unicodedata
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import quantiles

import orjson
import pytest

from medvault.adapters.postgres.engine import PostgresDatabase, connect
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.application.time_budget import HEAVY
from medvault.bootstrap.inbound import make_inbound
from medvault.domain.place import Place
from medvault.domain.saying import wording
from medvault.domain.updates import SealedUpdate, UpdateKind
from medvault.ports import Message
from medvault.ports.transactions import Transaction
from support import bombs
from support.attacks import Attacks
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.clinic.tables import ClinicTables
from support.servers.postgres import Postgres
from support.servers.waiting import wait_until
from support.stack.environment import NewServers
from support.stack.poison import WITHIN, greeted, wamid
from support.stack.stack import Stack, running_stack

pytestmark = pytest.mark.alone

TYPED = 65_536
"""Characters that WhatsApp lets a person type."""
OLD = 16_000
"""Characters: enough for the control."""
ANNA, BEN = "IN.anna", "IN.ben"
P95_MS = 1000
BYSTANDERS = 8
MARKS = bombs.PATTERNS["acute and cedilla"]


@pytest.fixture(scope="module")
def stack(new_servers: NewServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """API and workers."""
    with (
        new_servers() as servers,
        running_stack(servers, tmp_path_factory.mktemp("bomber")) as running,
    ):
        yield running


@pytest.fixture
def clinic(postgres_wheel: Postgres, tmp_path: Path) -> Iterator[Clinic]:
    """The use cases in this process."""
    tables = ClinicTables(postgres_wheel)
    clinic = Clinic(tables, tmp_path / "files")
    yield clinic
    clinic.close()
    tables.drop()


class OldReader(WebhookReader):
    """Normalises what it reads at full length, as 75623f2 did several times a text."""

    def read_message(self, content: bytes) -> Message:
        text = json.loads(content)["m"]["text"]["body"]
        for _ in range(3):
            unicodedata.normalize("NFKC", text)
        return super().read_message(content)


class Spinning(WebhookReader):
    """Computes for longer than PostgreSQL waits, as no text can any more."""

    seconds = 11.0

    def read_message(self, content: bytes) -> Message:
        until, computed = time.monotonic() + self.seconds, time.thread_time() + 1.1 * HEAVY
        while b"spin" in content and (time.monotonic() < until or time.thread_time() < computed):
            pass
        return super().read_message(content)


def stored_before(clinic: Clinic, count: int, length: int) -> None:
    """Puts rows into the inbox as the release before did: at full length."""
    element = {"type": "text", "text": {"body": bombs.text(MARKS, length)}}
    rows = []
    for _ in range(count):
        message = {"id": wamid(), "from_user_id": ANNA, **element}
        content = orjson.dumps({"m": message, "c": {"user_id": ANNA, "wa_id": None}})
        key = clinic.base.index("update", f"message|{message['id']}")
        sealed = clinic.base.sealer.seal(content, Place.update(key, clinic.subject(ANNA)))
        rows.append(SealedUpdate(key, clinic.subject(ANNA), UpdateKind.MESSAGE, sealed))
    with clinic.database.begin(Transaction.RECORD_SPILLED) as work:
        work.inbox.add(rows)


def use(clinic: Clinic, reader: WebhookReader) -> None:
    """Has the clinic read by another reader."""
    clinic.base.reader = reader
    clinic.inbound = make_inbound(clinic.base, clinic.cache, clinic.waker)


def bystander_ms(clinic: Clinic, bombs_before: int, length: int) -> float:
    """How long it takes to answer somebody who is handled together with a bomber."""
    clinic.hears(ANNA, "hello")
    clinic.hears(BEN, "hello")
    stored_before(clinic, bombs_before, length)
    clinic.receive(webhooks.text(BEN, wamid(), "HELP"))
    began = time.monotonic()
    clinic.inbound.handle([clinic.subject(ANNA), clinic.subject(BEN)])
    assert "What I can do" in clinic.said(BEN)[-1]
    return (time.monotonic() - began) * 1000


def test_rows_of_the_release_before_are_answered_and_keep_nobody_waiting(clinic: Clinic) -> None:
    assert bystander_ms(clinic, 10, TYPED) < P95_MS
    assert clinic.pending() == []
    told = [text for text in clinic.said(ANNA) if wording.TOO_LONG in text]
    assert len(told) == 10


def test_without_bounds_a_bystander_waits(clinic: Clinic, attacks: Attacks) -> None:
    use(clinic, OldReader())
    waited = bystander_ms(clinic, 8, OLD)
    attacks.measured(bystander_text_p95_ms_control=round(waited))
    assert waited > P95_MS


def test_who_writes_while_another_sends_bombs_is_answered_at_once(
    stack: Stack, attacks: Attacks, *, full: bool
) -> None:
    count = 1000 if full else 50
    bomber, *others = greeted(stack, 1 + BYSTANDERS)
    patterns = [pattern for name, pattern in bombs.PATTERNS.items() if name != "half pairs"]
    texts = [bombs.text(pattern, TYPED) for pattern in patterns]
    thrown = threading.Event()
    refused: list[int] = []

    def throw() -> None:
        for text, _ in zip(cycle(texts), range(count), strict=False):
            answer = stack.meta.post(webhooks.text(bomber.user_id, wamid(), text))
            refused.extend([answer.status] if answer.status != 200 else [])
        thrown.set()

    thread = threading.Thread(target=throw)
    waits: list[float] = []
    thread.start()
    for other in cycle(others):
        began = time.monotonic()
        other.say("HELP", "What I can do")
        waits.append((time.monotonic() - began) * 1000)
        if thrown.is_set() and len(waits) >= 2 * BYSTANDERS:
            break
    thread.join()
    bomber.answer("too long")
    p95 = quantiles(waits, n=20)[-1]
    attacks.measured(bystander_text_p95_ms=round(p95))
    assert refused == []
    assert p95 <= P95_MS
    waiting = "SELECT 1 FROM inbox WHERE done_at IS NULL LIMIT 1"
    wait_until(
        lambda: not stack.vault.tables.column(waiting), seconds=WITHIN, what="an empty inbox"
    )
    assert stack.vault.tables.column("SELECT id FROM dead_letters") == []


def test_what_is_handled_for_longer_than_the_database_waits_is_dead_within_a_minute(
    clinic: Clinic, *, full: bool
) -> None:
    """At full size with the time-out that is in use."""
    reader, idle = Spinning(), 10_000 if full else 1000
    reader.seconds = 1.1 * idle / 1000
    options = f"-c idle_in_transaction_session_timeout={idle}"
    engine = connect(clinic.tables.service_url, options=options)
    clinic.base.database = PostgresDatabase(engine, clinic.base.sealer, clinic.base.index)
    use(clinic, reader)
    clinic.receive(webhooks.text(ANNA, "wamid.a", "spin"), webhooks.text(BEN, "wamid.b", "hello"))
    began = time.monotonic()
    while clinic.pending():
        clinic.inbound.handle([clinic.subject(ANNA), clinic.subject(BEN)])
        clinic.due()
    assert time.monotonic() - began < WITHIN
    reasons = clinic.tables.rows("SELECT kind, error FROM dead_letters")
    assert reasons == [("update", "Overrun")]
    assert len(clinic.said(BEN)) == 1
    engine.dispose()
