"""One set of servers for several processes that run tests.

The process that starts them lends them servers: each starts when a test first asks for it, and
ends with its owner. The answer is the variables that name a server, as for one that exists.
"""

import itertools
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, Self

from psycopg2 import sql

from support.servers import clamd, postgres, rabbitmq, s3, valkey
from support.servers.postgres import Postgres, PrivatePostgres

ADDRESS, KEY = "MEDVAULT_TEST_LENDER", "MEDVAULT_TEST_LENDER_KEY"
"""The variables by which processes find whom to ask."""
Variables = dict[str, str]
"""They name a server to another process."""
ROLES = sql.SQL("""
DO $$ DECLARE role text; BEGIN
    FOREACH role IN ARRAY ARRAY['service', 'api', 'inbound', 'media', 'outbound', 'desk'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', 'medvault_' || role);
        EXCEPTION WHEN duplicate_object THEN NULL;
        END;
    END LOOP;
END $$
""")
"""Roles belong to the whole server. If two stacks began at once, only the one that makes a role
could grant it."""


def _postgres(variable: str, binaries: Callable[[], Path], running: ExitStack) -> Variables:
    if url := os.environ.get(variable):
        server = Postgres(url)
    else:
        server = running.enter_context(PrivatePostgres(binaries(), fsync=False))
    server.execute(ROLES)
    return {variable: server.url}


def _wheel(running: ExitStack) -> Variables:
    return _postgres(postgres.WHEELS, postgres.wheel_binaries, running)


def _debian(running: ExitStack) -> Variables:
    return _postgres(postgres.DEBIANS, postgres.debian_binaries, running)


def _rabbitmq(running: ExitStack) -> Variables:
    server = running.enter_context(contextmanager(rabbitmq.rabbitmq)())
    return {rabbitmq.URL: server.url, rabbitmq.MANAGEMENT_URL: server.management_url}


def _valkey(running: ExitStack) -> Variables:
    return {valkey.URL: running.enter_context(contextmanager(valkey.valkey)()).url}


def _clamd(running: ExitStack) -> Variables:
    return {clamd.ADDRESS: running.enter_context(contextmanager(clamd.clamd)()).address}


def _s3(running: ExitStack) -> Variables:
    server = running.enter_context(contextmanager(s3.s3)())
    return {s3.URL: server.url, s3.IMITATED: "1" if s3.imitated() else ""}


SERVERS: Mapping[str, Callable[[ExitStack], Variables]] = {
    "postgres_wheel": _wheel,
    "postgres_debian": _debian,
    "rabbitmq": _rabbitmq,
    "valkey": _valkey,
    "clamd": _clamd,
    "s3": _s3,
}
"""How each server is found or started, by the name of its fixture."""


class NotLentError(Exception):
    """A server could not be started; the text says what its owner met."""


class Lender:
    """Lends servers until it closes, to this process and to those that it starts."""

    def __init__(self) -> None:
        key = secrets.token_hex(32)
        self._listener = Listener(("127.0.0.1", 0), backlog=64, authkey=bytes.fromhex(key))
        host, port = self._listener.address
        os.environ.update({ADDRESS: f"{host}:{port}", KEY: key})
        self._running = ExitStack()
        # A server dies with the thread that started it: these live as long as the lender.
        self._threads = ThreadPoolExecutor(len(SERVERS), thread_name_prefix="lender")
        self._lent: dict[str, Future[Variables]] = {}
        self._caches = itertools.count()
        self._one_at_a_time = threading.Lock()
        self._closed = False
        threading.Thread(target=self._listen, name="lender", daemon=True).start()

    def close(self) -> None:
        """Ends all servers. May be repeated."""
        self._closed = True
        for variable in (ADDRESS, KEY):
            os.environ.pop(variable, None)
        self._listener.close()
        for started in self._lent.values():
            started.exception()
        self._running.close()
        self._threads.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        while not self._closed:
            with suppress(OSError, EOFError, AuthenticationError):
                asking = self._listener.accept()
                threading.Thread(target=self._answer, args=(asking,), daemon=True).start()

    def _answer(self, asking: "Connection[Any, Any]") -> None:
        with asking, suppress(OSError, EOFError):
            name = asking.recv()
            try:
                asking.send(self._variables(name))
            except Exception as failed:  # noqa: BLE001 - told to whoever asked, whatever it is
                asking.send(f"{name}: {failed}")

    def _variables(self, name: str) -> Variables:
        with self._one_at_a_time:
            if name not in self._lent:
                self._lent[name] = self._threads.submit(SERVERS[name], self._running)
        found = self._lent[name].result()
        if name == "valkey":
            return {valkey.URL: valkey.next_database(found[valkey.URL], next(self._caches))}
        return found


def share(name: str) -> None:
    """Sets the variables that name a server, if somebody lends servers: `name` is of SERVERS.

    Raises:
        NotLentError: it could not be started.
    """
    if address := os.environ.get(ADDRESS):
        host, _, port = address.rpartition(":")
        with Client((host, int(port)), authkey=bytes.fromhex(os.environ[KEY])) as asked:
            asked.send(name)
            found = asked.recv()
        if isinstance(found, str):
            raise NotLentError(found)
        os.environ.update(found)
