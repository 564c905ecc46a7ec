"""The deployment that is put under stress: a fleet of processes on servers of its own."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from chaos.checker.sources import Bucket, Sources
from chaos.components import Component, Process, Server
from support.servers.clamd import PrivateClamd
from support.servers.postgres import PrivatePostgres, debian_binaries
from support.servers.private import PrivateServer
from support.servers.rabbitmq import PrivateRabbitMQ
from support.servers.s3 import PrivateS3
from support.servers.valkey import PrivateValkey
from support.stack.environment import Servers
from support.stack.fleet import Fleet, running_fleet
from support.stack.forking import forking
from support.stack.remains import UNFINISHED
from support.stack.stack import tails

LOG = 2_000_000
"""Characters of each log that are kept of a run that went wrong."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Something that runs, what of it can be struck, and where its traces are.

    `unfinished` lists what still waits for somebody; it raises `psycopg2.Error` while the database
    is away. `logs` gives names and the ends of logs, without secrets.
    """

    simulator_url: str
    components: tuple[Component, ...]
    unfinished: Callable[[], list[str]]
    sources: Callable[[], Sources]
    logs: Callable[[], Iterator[tuple[str, str]]]

    def backlog(self) -> str:
        """The work that waits, in a few words."""
        try:
            waiting = Counter(row.partition(" ")[0] for row in self.unfinished())
        except (psycopg2.Error, OSError, IndexError):
            return "unknown"
        return ", ".join(f"{count} {name}" for name, count in sorted(waiting.items())) or "none"


def unfinished(database_url: str) -> list[str]:
    """The work that still waits for somebody in these tables."""
    with (
        closing(psycopg2.connect(database_url, connect_timeout=2)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(UNFINISHED)
        return [row for (row,) in cursor]


@contextmanager
def running_full(folder: Path, repeat_seconds: float) -> Iterator[Deployment]:
    """Two APIs behind HAProxy, three workers of each kind, and every server, all of them mortal.

    A send that no status tells of is repeated after `repeat_seconds`.
    """
    with ExitStack() as stack:
        postgres = stack.enter_context(PrivatePostgres(debian_binaries()))
        rabbitmq = stack.enter_context(PrivateRabbitMQ())
        valkey = stack.enter_context(PrivateValkey())
        s3 = stack.enter_context(PrivateS3())
        clamd = stack.enter_context(PrivateClamd())
        servers = Servers(postgres, rabbitmq.new_vhost(), valkey.url, s3.new_bucket(), clamd)
        settings = {"whatsapp_repeat_seconds": str(repeat_seconds)}
        spawn = stack.enter_context(forking())
        fleet = stack.enter_context(running_fleet(servers, folder, settings=settings, spawn=spawn))
        mortal = (postgres, rabbitmq, valkey, s3, clamd, fleet.balancer)
        yield Deployment(
            fleet.meta.url,
            (*map(Server, mortal), *map(Process, fleet.processes)),
            lambda: unfinished(fleet.vault.tables.owner_url),
            lambda: _sources(fleet, repeat_seconds),
            lambda: _logs(fleet, mortal),
        )


def _sources(fleet: Fleet, repeat_seconds: float) -> Sources:
    bucket, store = fleet.servers.bucket, fleet.servers.bucket.store
    return Sources(
        simulator_url=fleet.meta.url,
        database_url=fleet.vault.tables.owner_url,
        index_key=fleet.keys.index,
        store=Bucket(store.endpoint, bucket.name, store.access_key, store.secret_key),
        repeat_after=repeat_seconds,
    )


def _logs(fleet: Fleet, servers: tuple[PrivateServer, ...]) -> Iterator[tuple[str, str]]:
    yield from tails(fleet.processes, fleet.secrets, length=LOG)
    for server in servers:
        yield server.name, server.log.read_text(errors="replace")[-LOG:]
