"""How soon work goes on once a broker that was killed under load accepts connections again."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count

from load import queues, stream
from load.backlog import add, foundation, greet
from load.deployment import (
    APP_SECRET,
    Api,
    InboundWorker,
    LeastMeta,
    OutboundWorker,
    RawConsumer,
    Worker,
)
from load.measurement import Ground
from load.rounds import Goal, Spread, progress
from load.tables import Tables
from load.traffic import PATH, said, webhook
from medvault.bootstrap.foundation import Foundation
from medvault.domain.updates import SealedUpdate
from medvault.ports import Queue
from support.servers.rabbitmq import PrivateRabbitMQ
from support.servers.waiting import wait_until
from support.stack.traffic import Traffic

GOAL = Goal("broker_restart_s", 3, at_most=True)
RATE = 200
AROUND = 2
"""Seconds of traffic before the kill, before the start, and after work goes on."""
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Round:
    """One kill: seconds since the broker accepted connections, and what became of webhooks."""

    resumed: float
    reference: float
    caught_up: float
    accepted: int
    refused: int
    lost: int
    """Accepted, and without an effect in the end."""


@dataclass(frozen=True, slots=True)
class Restart:
    """The rounds that were measured."""

    rounds: Sequence[Round]

    def report(self) -> str:
        """The lines to print."""
        accepted, refused, lost = (self._sum(name) for name in _COUNTS)
        return "\n".join(
            [
                f"The broker, killed at {RATE} webhooks/s: seconds since it accepts connections",
                *(f"{title:<44}{self._of(name).shown(2)}" for name, title in _TITLES.items()),
                f"{accepted:,} webhooks accepted, {refused} refused, {lost} lost",
                GOAL.verdict(self._of("resumed"), "s"),
            ]
        )

    def as_json(self) -> Mapping[str, object]:
        """The figures behind it."""
        counts = {name: self._sum(name) for name in _COUNTS}
        return {name: self._of(name).as_json() for name in _TITLES} | counts

    def headlines(self) -> Mapping[str, float]:
        """The goal's figure."""
        return {GOAL.name: self._of("resumed").median}

    def _of(self, name: str) -> Spread:
        return Spread(tuple(getattr(one, name) for one in self.rounds))

    def _sum(self, name: str) -> int:
        return sum(getattr(one, name) for one in self.rounds)


_TITLES = {
    "resumed": "medvault: all consume, a message is handled",
    "reference": "robust consumer of aio-pika: the same",
    "caught_up": "all that had come by then is handled",
}
_COUNTS = ("accepted", "refused", "lost")


def measure(ground: Ground) -> Restart:
    """Rounds on processes that go on running; the reference consumes from the same broker."""
    greeted = partial(greet, patients=stream.PATIENTS)
    database, broker = ground.postgres.new_database(greeted), ground.rabbitmq.new_vhost()
    declared = time.time()
    with contextlib.ExitStack() as stack:
        meta = stack.enter_context(LeastMeta())
        more = {"whatsapp_base_url": meta.url("")}
        api = stack.enter_context(Api(database, broker))
        workers = [
            stack.enter_context(kind(database, broker, more=more))
            for kind in (InboundWorker, OutboundWorker)
        ]
        queues.declare_raw(broker)
        stack.enter_context(RawConsumer(database, broker))
        ground.rabbitmq.let_it_note_its_queues(declared)
        restarts = _Restarts(ground.rabbitmq, broker, database, api, workers)
        found: list[Round] = []
        for number in range(1, ground.options.rounds + 1):
            found.append(restarts.round())
            progress(f"restart: round {number}: work goes on after {found[-1].resumed:.2f} s")
    return Restart(found)


class _Restarts:
    """Kills the broker in the middle of webhooks, and watches it come back."""

    def __init__(
        self,
        server: PrivateRabbitMQ,
        broker: str,
        database: str,
        api: Api,
        workers: Sequence[Worker],
    ) -> None:
        self._server = server
        self._broker = broker
        self._database = database
        self._api = api
        self._workers = workers
        self._numbers = count(stream.PATIENTS)

    def round(self) -> Round:
        """One kill; every message must have had its effect in the end."""
        with (
            Traffic(self._api.url(PATH), APP_SECRET, RATE) as traffic,
            ThreadPoolExecutor(3) as watching,
        ):
            self._let_webhooks_come()
            self._server.kill()
            self._let_webhooks_come()
            looks = (self._resumed, self._raw_resumed, self._caught_up)
            watched = [watching.submit(self._since_accepted, look) for look in looks]
            self._server.start()
            resumed, reference, caught_up = (one.result() for one in watched)
            self._let_webhooks_come()
            answers = traffic.finish()
        lost = self._lost(answers.accepted)
        return Round(resumed, reference, caught_up, len(answers.accepted), answers.failed, lost)

    def _let_webhooks_come(self) -> None:
        enough = self._api.accepted() + AROUND * RATE
        wait_until(lambda: self._api.accepted() >= enough, seconds=PATIENCE, what="webhooks")

    def _since_accepted(self, look: Callable[[Foundation, Tables], None]) -> float:
        with (
            foundation(self._database) as base,
            contextlib.closing(Tables(self._database)) as tables,
        ):
            wait_until(
                lambda: queues.accepts(self._broker), seconds=PATIENCE, what="the broker's return"
            )
            accepted = time.monotonic()
            look(base, tables)
            return time.monotonic() - accepted

    def _resumed(self, base: Foundation, tables: Tables) -> None:
        """A message of which only the broker tells in time has its effect, and all consume."""
        update = self._message(base)
        add(base, [update])
        queues.wake(self._broker, Queue.INBOUND, [update.subject])
        _handled(tables, update)
        wait_until(
            lambda: all(worker.consumes() for worker in self._workers),
            seconds=PATIENCE,
            what="all consumers",
        )

    def _raw_resumed(self, base: Foundation, tables: Tables) -> None:
        update = self._message(base)
        body = update.key.bytes + update.subject.bytes + update.content
        queues.publish(self._broker, queues.RAW, [body])
        _handled(tables, update)

    def _caught_up(self, _: Foundation, tables: Tables) -> None:
        last = tables.last_seq()
        wait_until(lambda: not tables.pending(last), seconds=PATIENCE, what="what waited")

    def _message(self, base: Foundation) -> SealedUpdate:
        number = next(self._numbers)
        return base.splitter.split(webhook(number % stream.PATIENTS, number, said("Hello")))[0]

    def _lost(self, accepted: Sequence[str]) -> int:
        with (
            foundation(self._database) as base,
            contextlib.closing(Tables(self._database)) as tables,
        ):
            wait_until(lambda: not tables.pending(), seconds=PATIENCE, what="every effect")
            keys = [base.index("update", f"message|{wamid}") for wamid in accepted]
            return len(keys) - tables.handled(keys)


def _handled(tables: Tables, update: SealedUpdate) -> None:
    wait_until(lambda: tables.handled([update.key]), seconds=PATIENCE, what="a message's effect")
