"""The cost of each step of a message: time of real processes, and of single statements."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from load.backlog import Backlog, Unheard, add, foundation
from load.deployment import InboundWorker, LeastMeta, OutboundWorker, Taken
from load.tables import Tables
from load.traffic import status
from medvault.adapters.local.sessions import MemorySessionCache
from medvault.bootstrap.foundation import Foundation
from medvault.bootstrap.inbound import make_inbound
from medvault.domain.updates import STATUSES, SealedUpdate
from support.servers.waiting import wait_until

STEPS = {
    "received": "message into the inbox",
    "handled": "message handled",
    "delivered": "reply delivered",
    "settled": "status applied",
}
_NAMES = ("sent", "delivered", "read")
_UNLIMITED = {"whatsapp_messages_per_second": "100000", "whatsapp_pair_seconds": "0"}
_LOOK = 0.2


@dataclass(frozen=True, slots=True)
class Costs:
    """Microseconds of each step, and how many of each one message causes."""

    microseconds: Mapping[str, float]
    caused: Mapping[str, float]

    @property
    def whole(self) -> float:
        """Microseconds of a message, its replies and their statuses."""
        return sum(spent * self.caused[step] for step, spent in self.microseconds.items())


def costs(database: str, broker: str, backlog: Backlog) -> Costs:
    """Have a backlog handled, its replies delivered, and these acknowledged by their recipients."""
    messages = len(backlog.updates)
    with contextlib.closing(Tables(database)) as tables, foundation(database) as base:
        tables.checkpoint()
        last = tables.last_seq()
        with InboundWorker(database, broker):
            received = _seconds(lambda: backlog.receive(database))
            backlog.wake(broker)
            _until(lambda: tables.handled_after(last) == messages)
        handled = 1 / tables.span_after(last).per_second
        taken = _delivered(tables, database, broker)
        statuses = _statuses(base, taken)
        settled = _seconds(lambda: _settle(base, statuses))
    span = max(one.at for one in taken) - min(one.at for one in taken)
    return Costs(
        {
            "received": received / messages * 1e6,
            "handled": handled * 1e6,
            "delivered": span / len(taken) * 1e6,
            "settled": settled / len(statuses) * 1e6,
        },
        {
            "received": 1.0,
            "handled": 1.0,
            "delivered": len(taken) / messages,
            "settled": len(statuses) / messages,
        },
    )


def _delivered(tables: Tables, database: str, broker: str) -> Sequence[Taken]:
    """Have all replies delivered; returns what Meta took."""
    with LeastMeta() as meta:
        more = {"whatsapp_base_url": meta.url(""), **_UNLIMITED}
        with OutboundWorker(database, broker, more=more):
            _until(lambda: tables.replies_to_send() == 0)
        return meta.taken()


def _statuses(base: Foundation, taken: Sequence[Taken]) -> list[SealedUpdate]:
    """Meta's statuses of each message, the last one with Meta's own id alone."""
    bodies = [
        status(one.wamid, name, None if name == _NAMES[-1] else one.reference)
        for name in _NAMES
        for one in taken
    ]
    return [update for body in bodies for update in base.splitter.split(body)]


def _settle(base: Foundation, statuses: Sequence[SealedUpdate]) -> None:
    add(base, statuses)
    make_inbound(base, MemorySessionCache(), Unheard()).handle([STATUSES])


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _until(done: Callable[[], bool]) -> None:
    def looked() -> bool:
        time.sleep(_LOOK)
        return done()

    wait_until(looked, seconds=120, what="the end of a round")
