"""How long after its POST a message's reply is accepted by Meta, and what memory that takes."""

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from load import latencies, stream
from load.backlog import greet
from load.deployment import Api, InboundWorker, LeastMeta, Medvault, OutboundWorker, Process
from load.latencies import Latencies
from load.measurement import Ground
from load.memory import Footprint
from load.rounds import progress
from load.tables import Tables
from load.traffic import RequestFile, user_id
from support.servers.waiting import wait_until

RATE = 200
WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Replies:
    """The figures that were measured."""

    rounds: Sequence[Latencies]
    footprints: Sequence[Footprint]

    def report(self) -> str:
        """The lines to print."""
        return "\n".join(
            [
                "From when a POST is due until Meta, a bare one, has accepted the reply",
                *latencies.lines(RATE, self.rounds, "reply accepted"),
                "Memory of each process:",
                *(footprint.shown() for footprint in self.footprints),
            ]
        )

    def as_json(self) -> Mapping[str, object]:
        """All figures."""
        return {
            f"at_{RATE}": latencies.figures(self.rounds),
            "megabytes": {one.name: one.as_json() for one in self.footprints},
        }

    def headlines(self) -> Mapping[str, float]:
        """No goal is about these."""
        return {}


def measure(ground: Ground) -> Replies:
    """Rounds on processes that go on running and are bound to no core."""
    seconds, rounds = ground.options.seconds, ground.options.rounds
    greeted = partial(greet, patients=stream.PATIENTS)
    database, broker = ground.postgres.new_database(greeted), ground.rabbitmq.new_vhost()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="medvault-bench-")))
        requests = stream.requests(folder, RATE * (WARM_UP + seconds * rounds))
        tables = stack.enter_context(contextlib.closing(Tables(database)))
        tables.forget_replies()
        tables.settle()
        meta = stack.enter_context(LeastMeta())
        more = {"whatsapp_base_url": meta.url(""), "whatsapp_messages_per_second": "1000"}
        processes: list[Medvault] = [
            stack.enter_context(kind(database, broker, more=more))
            for kind in (Api, InboundWorker, OutboundWorker)
        ]
        idle = [process.memory() for process in processes]
        conversation = _Conversation(meta, processes[0], requests)
        conversation.round(WARM_UP)
        found = []
        for number in range(1, rounds + 1):
            found.append(conversation.round(seconds))
            progress(f"replies: round {number} of {rounds}: p95 {found[-1].reached['p95']:.0f} ms")
        pairs = zip(processes, idle, strict=True)
        return Replies(found, [Footprint(one.name, then, one.memory()) for one, then in pairs])


class _Conversation:
    """Posts messages of one patient after the other, and looks at Meta for the replies."""

    def __init__(self, meta: LeastMeta, api: Process, requests: RequestFile) -> None:
        self._meta = meta
        self._api = api
        self._requests = requests
        self._next = stream.PATIENTS

    def round(self, seconds: int) -> Latencies:
        """Post for some seconds; every message must be replied to by then, or soon after."""
        before = len(self._meta.taken())
        sent = stream.at_rate(self._api, self._requests, self._next, RATE, seconds)
        numbers = range(self._next, self._next + sent.count)
        self._next = numbers.stop
        wait_until(
            lambda: len(self._meta.taken()) >= before + sent.count,
            seconds=60,
            what="a reply to every message",
        )
        due = {
            user_id(number % stream.PATIENTS): sent.started + place / RATE
            for place, number in enumerate(numbers)
        }
        replies = [one.at - due[one.to] for one in self._meta.taken()[before:]]
        return Latencies(sent.milliseconds, latencies.percentiles(replies))
