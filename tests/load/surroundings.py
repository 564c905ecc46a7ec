"""The surroundings of a measured process: servers on a core of their own, a database run in."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg2

from support.servers.machine import family
from support.servers.private import PrivateServer

_SEGMENTS = 70
"""WAL segments of 16 MB: a gigabyte, as a database keeps that has run for a while."""


@contextmanager
def on_core(core: int, *servers: PrivateServer) -> Iterator[None]:
    """Keep servers and all their threads on one core; their later children inherit it."""
    before = os.sched_getaffinity(0)
    _bind({core}, servers)
    try:
        yield
    finally:
        _bind(before, servers)


def _bind(cores: set[int], servers: tuple[PrivateServer, ...]) -> None:
    for server in servers:
        for pid in family(server.pid):
            with suppress(FileNotFoundError, ProcessLookupError):  # a child that has just ended
                for thread in Path(f"/proc/{pid}/task").iterdir():
                    os.sched_setaffinity(int(thread.name), cores)


def run_in(url: str) -> None:
    """Have PostgreSQL recycle its WAL from now on, as one does that did not start just now.

    A new segment costs writing 16 MB of zeros, and at these rates one is full every second.
    """
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("ALTER SYSTEM SET min_wal_size = '2GB'")
        cursor.execute("ALTER SYSTEM SET max_wal_size = '4GB'")
        cursor.execute("SELECT pg_reload_conf()")
        for _ in range(_SEGMENTS):
            cursor.execute("SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()")
        cursor.execute("CHECKPOINT")
