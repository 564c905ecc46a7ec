"""A stack on servers of its own, which may be killed, stopped and frozen."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.servers.clamd import PrivateClamd
from support.servers.postgres import PrivatePostgres, wheel_binaries
from support.servers.private import PrivateServer
from support.servers.rabbitmq import PrivateRabbitMQ
from support.servers.s3 import PrivateMoto, PrivateS3, private_s3
from support.servers.valkey import PrivateValkey
from support.servers.waiting import wait_until
from support.stack.environment import Servers
from support.stack.service import Service
from support.stack.stack import Stack, running_stack

BACK = 30.0
"""Seconds within which everything is well again after a server came back."""


@dataclass(frozen=True, slots=True)
class Breakable:
    """The stack, and each server by the name that it has in /ready."""

    stack: Stack
    database: PrivatePostgres
    broker: PrivateRabbitMQ
    cache: PrivateValkey
    store: PrivateS3 | PrivateMoto
    scanner: PrivateClamd


@contextmanager
def breakable_stack(folder: Path) -> Iterator[Breakable]:
    """Runs everything until the block ends; the broker's virtual host is `/`, as after a wipe.

    The database is PostgreSQL 16, as other tests have 15 and 18.
    """
    with ExitStack() as running:
        database = running.enter_context(PrivatePostgres(wheel_binaries(16), fsync=False))
        broker = running.enter_context(PrivateRabbitMQ())
        cache = running.enter_context(PrivateValkey())
        store = private_s3()
        running.enter_context(store)
        scanner = running.enter_context(PrivateClamd())
        servers = Servers(database, broker.url, cache.url, store.new_bucket(), scanner)
        declared = time.time()
        stack = running.enter_context(running_stack(servers, folder))
        broker.let_it_note_its_queues(declared)
        yield Breakable(stack, database, broker, cache, store, scanner)


@contextmanager
def frozen(*servers: PrivateServer) -> Iterator[None]:
    """Freezes servers within the block."""
    for server in servers:
        server.pause()
    try:
        yield
    finally:
        for server in servers:
            server.resume()


def wait_for(process: Service, dependency: str, state: str) -> None:
    """Waits until a process says so of one that it needs."""
    wait_until(
        lambda: process.dependencies()[dependency]["state"] == state,
        seconds=BACK,
        what=f"{dependency} {state} in {process.name}",
    )
