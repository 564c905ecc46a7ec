"""Processes die at every fail-point while patients go on: the interrupted work is done once."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from chaos.checker.check import check
from chaos.checker.sources import Bucket, Sources
from medvault.failpoints import CATALOGUE, OutwardStep
from medvault.ports.transactions import Transaction
from support.servers.clamd import Clamd
from support.servers.postgres import PrivatePostgres, wheel_binaries
from support.servers.rabbitmq import RabbitMQ
from support.servers.s3 import PrivateMoto, PrivateS3, private_s3
from support.servers.valkey import Valkey
from support.servers.waiting import wait_until
from support.stack.dying import AMONG_POISON, AT_THE_DESK, ROUNDS, Deaths, die, sides
from support.stack.environment import Servers
from support.stack.forking import forking
from support.stack.service import Service
from support.stack.stack import Stack, running_stack
from support.stack.visits import A_FILE, Crowd, Visit

PATIENCE = 180.0
SETTLED_WITHIN = 60.0
SHOWN = 40
WRITERS = 4
"""Patients who write while the database is away."""
AT_ONCE = 4
"""Fail-points that are armed together; a process dies at the one that it comes to first."""

# More threads than patients: an upload finds one while a store that hangs holds all other files.
SETTINGS = {"whatsapp_repeat_seconds": "10", "media_threads": "32"}
NO_TOKEN, NOT_THIS_FILE = 190, 131053
"""Codes of Meta: a file waits until the first passes, and is given up at the second."""

API = (OutwardStep.COMMIT_INBOX, OutwardStep.ANSWER_WEBHOOK, OutwardStep.PUBLISH_INBOUND)
INBOUND = (
    Transaction.CONVERSE,
    Transaction.APPLY_STATUSES,
    OutwardStep.PUBLISH_MEDIA,
    OutwardStep.PUBLISH_OUTBOUND,
    OutwardStep.ACKNOWLEDGE_INBOUND,
    OutwardStep.STORE_SESSIONS,
)
OUTBOUND = (
    Transaction.LEASE_LETTERS,
    Transaction.CHECK_OWNERS,
    Transaction.SETTLE_LETTERS,
    Transaction.RING_TIMERS,
    Transaction.LINK_AUDIT,
    OutwardStep.SEND_LETTER,
    OutwardStep.ACKNOWLEDGE_OUTBOUND,
)
MEDIA = (
    Transaction.TAKE_TURN,
    Transaction.FIND_FILES,
    Transaction.CLAIM_FILE,
    Transaction.STORE_FILE,
    Transaction.STORE_COPY,
    Transaction.DISCARD_FILE,
    Transaction.REPORT_VERDICT,
    Transaction.FILE_REPORT,
    Transaction.SWEEP_FILES,
    Transaction.CLAIM_UPLOAD,
    Transaction.READY_UPLOAD,
    OutwardStep.ACKNOWLEDGE_MEDIA,
    OutwardStep.FETCH_FILE,
    OutwardStep.UPLOAD_FILE,
    OutwardStep.PUT_OBJECT,
    OutwardStep.COPY_OBJECT,
    OutwardStep.DELETE_OBJECT,
)
SLOW_FILES = (Transaction.RENEW_FILE, Transaction.RENEW_UPLOAD)
WAITING_FILES = (Transaction.POSTPONE_FILE, Transaction.POSTPONE_UPLOAD)
SPILLING = (OutwardStep.PUBLISH_INTAKE, OutwardStep.CONFIRM_INTAKE)
SPILLED = (Transaction.RECORD_SPILLED, Transaction.COUNT_SPILLED, OutwardStep.ACKNOWLEDGE_INTAKE)
REFUSED_ROWS = (Transaction.RETRY_LATER, Transaction.COUNT_ATTEMPTS)
REFUSED_STATUSES = (Transaction.RETRY_STATUSES_LATER, Transaction.COUNT_STATUS_ATTEMPTS)
REFUSED_FILES = (Transaction.GIVE_UP_UPLOAD,)
HERE = (
    *(*API, *INBOUND, *OUTBOUND, *MEDIA, *SLOW_FILES, *WAITING_FILES, *SPILLING, *SPILLED),
    *(*REFUSED_ROWS, *REFUSED_STATUSES, *REFUSED_FILES),
)
LET_FALL = """
SELECT (SELECT count(*) FROM media WHERE due_at IS NOT NULL AND held_until < now() + patience)
    + (SELECT count(*) FROM outbox
       WHERE state = 0 AND leased_at IS NOT NULL AND due_at < now() + patience)
FROM (SELECT interval '4 seconds' AS patience) p
"""
REFUSE = """
CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
CREATE TRIGGER refused BEFORE {event} ON outbox FOR EACH ROW
WHEN (NEW.subject = '{subject}' AND NEW.state >= {state}) EXECUTE FUNCTION refuse()
"""


@dataclass(frozen=True, slots=True)
class Exposed:
    """A stack whose processes may be killed, as may these servers."""

    stack: Stack
    postgres: PrivatePostgres
    store: PrivateS3 | PrivateMoto
    rabbitmq: RabbitMQ


@pytest.fixture(scope="module")
def exposed(
    rabbitmq: RabbitMQ, valkey: Valkey, clamd: Clamd, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exposed]:
    with ExitStack() as open_until_end:
        postgres = open_until_end.enter_context(PrivatePostgres(wheel_binaries(), fsync=False))
        store = private_s3()
        open_until_end.enter_context(store)
        spawn = open_until_end.enter_context(forking())
        servers = Servers(postgres, rabbitmq.new_vhost(), valkey.url, store.new_bucket(), clamd)
        stack = open_until_end.enter_context(
            running_stack(
                servers, tmp_path_factory.mktemp("failpoints"), settings=SETTINGS, spawn=spawn
            )
        )
        yield Exposed(stack, postgres, store, rabbitmq)


class Round:
    """All fail-points once, in an order that the seed decides."""

    def __init__(self, exposed: Exposed, crowd: Crowd, deaths: Deaths, seed: int) -> None:
        self._stack, self._postgres, self._store = exposed.stack, exposed.postgres, exposed.store
        self._crowd = crowd
        self._deaths = deaths
        self._seed = seed

    def run(self) -> None:
        """One process of each kind dies again and again, then two while the database is away."""
        with ThreadPoolExecutor(4) as pool:
            running = [
                pool.submit(one) for one in (self.api, self.inbound, self.outbound, self.media)
            ]
        for one in running:
            one.result()
        self.outage()

    def api(self) -> None:
        self._some_by_some("api", API)

    def outbound(self) -> None:
        self._some_by_some("outbound", OUTBOUND)

    def inbound(self) -> None:
        """With rows that the database refuses, of patients who hear of it later."""
        self._some_by_some("inbound", INBOUND)
        with self._refused("INSERT", 0):
            self._die("inbound", sides(*REFUSED_ROWS))
        with self._refused("UPDATE", 50):
            self._die("inbound", sides(*REFUSED_STATUSES))

    def media(self) -> None:
        """With a store that hangs, and with a Meta that refuses files."""
        self._some_by_some("media", MEDIA)
        self._with_slow_store()
        for code, steps in ((NO_TOKEN, WAITING_FILES), (NOT_THIS_FILE, REFUSED_FILES)):
            with self._stack.meta.faults(error={"code": code, "times": 1000, "on": "media"}):
                self._die("media", sides(*steps))

    def _with_slow_store(self) -> None:
        """It hangs only until a process has died, lest files that wait take all threads.

        Nor may a worker find any that another one died of: alone with one, it does nothing else.
        """
        visit = Visit(self._stack)
        visit.files()
        visit.says("LIST", "1 to 1 of 1")
        for name in sides(*SLOW_FILES):
            wait_until(lambda: not self._suspected(), seconds=PATIENCE, what="files tried alone")
            self._stack.media.terminate()
            visit.phone.send(text="GET 1")
            wait_until(lambda: self._waits(visit), seconds=PATIENCE, what="a report on its way")
            self._store.pause()
            try:
                self._die("media", [name])
            finally:
                self._store.resume()
            visit.gets(A_FILE)
        self._crowd.visits.append(visit)

    def _suspected(self) -> int:
        """How many files and uploads somebody has let fall, or is about to: nobody renews them."""
        return int(self._stack.vault.tables.column(LET_FALL)[0])

    def _waits(self, visit: Visit) -> bool:
        """Whether a report that was asked for is yet to be uploaded."""
        waiting = "SELECT count(*) FROM outbox WHERE state = 0 AND patient_id = %s"
        [found] = self._stack.vault.tables.column(
            waiting, str(self._stack.vault.patient(visit.phone))
        )
        return bool(found)

    def outage(self) -> None:
        """The broker takes webhooks in for the database, and gives them back.

        Some write only then: all others may be waiting for an answer, and send nothing. Nobody is
        there to take their webhooks before the first one that dies of it.
        """
        visits = [Visit(self._stack) for _ in range(WRITERS)]
        self._stack.api.kill()
        self._postgres.kill()
        try:
            for visit in visits:
                visit.phone.send(text="HELP")
            self._die("api", sides(*SPILLING))
        finally:
            self._postgres.start()
        self._die("inbound", sides(*SPILLED))
        for visit in visits:
            visit.gets("What I can do")
        self._crowd.visits += visits

    @contextmanager
    def _refused(self, event: str, state: int) -> Iterator[None]:
        """A patient who writes, while the database refuses to change their letters like this."""
        visit = Visit(self._stack)
        visit.says("HELP", "What I can do")
        tables, patient = self._stack.vault.tables, str(self._stack.vault.patient(visit.phone))
        [subject] = tables.column(
            "SELECT subject FROM conversations WHERE patient_id = %s", patient
        )
        tables.rows(REFUSE.format(event=event, subject=subject, state=state))
        try:
            visit.phone.send(text="LIST")
            yield
        finally:
            tables.rows("DROP TRIGGER refused ON outbox")
        visit.gets("Your vault is empty")
        self._crowd.visits.append(visit)

    def _some_by_some(self, process: str, steps: Sequence[OutwardStep | Transaction]) -> None:
        names = sides(*steps)
        random.Random(f"{self._seed} {process}").shuffle(names)
        for first in range(0, len(names), AT_ONCE):
            self._die(process, names[first : first + AT_ONCE])

    def _die(self, process: str, names: Sequence[str]) -> None:
        """Leaves a new process behind, which lives."""
        service: Service = getattr(self._stack, process)
        die(service, names, self._deaths, PATIENCE)
        service.start()


def violations(exposed: Exposed, crowd: Crowd, deaths: Deaths) -> list[str]:
    """The complaints of patients and of the independent checker.

    Each patient's complaint names the fail-points that may have to do with it.
    """
    told = [*crowd.failures, *((v, what) for v in crowd.visits for what in v.violations())]
    return [
        *(f"{what}, after {deaths.between(visit.began, visit.ended)}" for visit, what in told),
        *check(sources(exposed.stack)).violations,
    ]


def sources(stack: Stack) -> Sources:
    """Where the checker looks."""
    store, name = stack.servers.bucket.store, stack.servers.bucket.name
    bucket = Bucket(store.endpoint, name, store.access_key, store.secret_key)
    wait, tables = float(SETTINGS["whatsapp_repeat_seconds"]), stack.vault.tables
    return Sources(stack.meta.url, tables.owner_url, stack.keys.index, bucket, wait)


def test_there_is_no_fail_point_at_which_no_process_dies() -> None:
    assert Counter(sides(*HERE, *AMONG_POISON, *AT_THE_DESK)) == Counter(CATALOGUE)


@pytest.mark.long("a process dies at each of a hundred fail-points")
@pytest.mark.timeout(1500)
def test_whatever_dies_wherever_everything_is_done_once(
    exposed: Exposed, full: bool, figures: Callable[..., None]
) -> None:
    deaths, rounds, began = Deaths(), ROUNDS if full else 1, time.monotonic()
    with Crowd(exposed.stack) as crowd:
        for seed in range(rounds):
            Round(exposed, crowd, deaths, seed).run()
    took = time.monotonic() - began
    exposed.stack.settle(SETTLED_WITHIN)
    found = violations(exposed, crowd, deaths)
    figures(
        fail_points=len(set(deaths.names)),
        rounds=rounds,
        deaths=len(deaths.names),
        patients=len(crowd.visits) + len(crowd.failures),
        reports=sum(len(visit.reports) for visit in crowd.visits),
        violations=len(found),
        longest_wait_s=round(max(visit.longest for visit in crowd.visits)),
        killing_s=round(took),
        settled_s=round(time.monotonic() - began - took),
    )
    assert Counter(deaths.names) == Counter(sides(*HERE) * rounds)
    assert not found, "\n".join(found[:SHOWN])
