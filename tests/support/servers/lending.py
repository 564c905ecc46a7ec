"""One set of servers for several processes that run tests.

The process that starts them lends them servers: each starts when a test first asks for it, and
ends with its owner. The answer is the variables that name a server, as for one that exists.
"""

import os
import secrets
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, Self

from psycopg2 import sql

from support.servers import clamd, postgres, rabbitmq, s3, valkey
from support.servers.postgres import PrivatePostgres

ADDRESS, KEY = "MEDVAULT_TEST_LENDER", "MEDVAULT_TEST_LENDER_KEY"
"""The variables by which processes find whom to ask."""
Variables = dict[str, str]
"""What names a server to another process."""
ROLE = sql.SQL("CREATE ROLE medvault_service NOLOGIN")
"""It belongs to the whole server: of two stacks that begin at once, only the one that makes it
could grant it."""


def _postgres(variable: str, binaries: Callable[[], Path], running: ExitStack) -> Variables:
    server = running.enter_context(PrivatePostgres(binaries(), fsync=False))
    server.execute(ROLE)
    return {variable: server.url}


def _wheel(running: ExitStack) -> Variables:
    return _postgres(postgres.WHEELS, postgres.wheel_binaries, running)


def _debian(running: ExitStack) -> Variables:
    return _postgres(postgres.DEBIANS, postgres.debian_binaries, running)


def _rabbitmq(running: ExitStack) -> Variables:
    server = running.enter_context(rabbitmq.PrivateRabbitMQ())
    return {rabbitmq.URL: server.url, rabbitmq.MANAGEMENT_URL: server.management_url}


def _valkey(running: ExitStack) -> Variables:
    return {valkey.URL: running.enter_context(valkey.PrivateValkey()).url}


def _clamd(running: ExitStack) -> Variables:
    return {clamd.ADDRESS: running.enter_context(clamd.PrivateClamd()).address}


def _s3(running: ExitStack) -> Variables:
    server = s3.private_s3()
    running.enter_context(server)
    return {s3.URL: server.url}


SERVERS: Mapping[str, tuple[str, Callable[[ExitStack], Variables]]] = {
    "postgres_wheel": (postgres.WHEELS, _wheel),
    "postgres_debian": (postgres.DEBIANS, _debian),
    "rabbitmq": (rabbitmq.URL, _rabbitmq),
    "valkey": (valkey.URL, _valkey),
    "clamd": (clamd.ADDRESS, _clamd),
    "s3": (s3.URL, _s3),
}
"""By the name of its fixture: the variable that names one, and how one is started."""


class NotLentError(Exception):
    """A server could not be started; the text says what its owner met."""


class Lender:
    """Lends servers until it closes, to this process and to those that it starts."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="medvault-lender-")
        address, key = f"{self._folder.name}/socket", secrets.token_hex(32)
        os.environ.update({ADDRESS: address, KEY: key})
        self._running = ExitStack()
        # A server dies with the thread that started it: these live as long as the lender.
        self._threads = ThreadPoolExecutor(len(SERVERS), thread_name_prefix="lender")
        self._lent: dict[str, Future[Variables]] = {}
        self._borrowers = 0
        self._one_at_a_time = threading.Lock()
        self._listener = Listener(address, "AF_UNIX", authkey=bytes.fromhex(key))
        threading.Thread(target=self._listen, name="lender", daemon=True).start()

    def close(self) -> None:
        """Ends all servers. May be repeated."""
        for variable in (ADDRESS, KEY):
            os.environ.pop(variable, None)
        self._listener.close()
        for started in self._lent.values():
            started.exception()
        self._running.close()
        self._threads.shutdown()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                asking = self._listener.accept()
                threading.Thread(target=self._answer, args=(asking,), daemon=True).start()

    def _answer(self, asking: "Connection[Any, Any]") -> None:
        with asking:
            name = asking.recv()
            try:
                asking.send(self._variables(name))
            except Exception as failed:  # noqa: BLE001 - told to whoever asked, whatever it is
                asking.send(f"{name}: {failed}")

    def _variables(self, name: str) -> Variables:
        variable, start = SERVERS[name]
        with self._one_at_a_time:
            if name not in self._lent and not os.environ.get(variable):
                self._lent[name] = self._threads.submit(start, self._running)
            self._borrowers += 1
            number = self._borrowers
        found = (
            self._lent[name].result() if name in self._lent else {variable: os.environ[variable]}
        )
        return (
            {valkey.URL: valkey.next_database(found[variable], number)}
            if name == "valkey"
            else found
        )


def share(name: str) -> None:
    """Sets the variables that name a server, if somebody lends servers: `name` is of SERVERS."""
    if address := os.environ.get(ADDRESS):
        with Client(address, "AF_UNIX", authkey=bytes.fromhex(os.environ[KEY])) as asked:
            asked.send(name)
            found = asked.recv()
        if isinstance(found, str):
            raise NotLentError(found)
        os.environ.update(found)
