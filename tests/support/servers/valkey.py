"""Valkey, or Redis: whichever is installed, or one that exists."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import redis

from support.servers.machine import free_port, program
from support.servers.private import PrivateServer

MISSING = (
    "Valkey is missing: install it (Debian, Ubuntu: apt-get install valkey-server, or "
    "redis-server), or set MEDVAULT_TEST_REDIS_URL=redis://:password@host:port/database (of "
    "several: with `-n`, and in `make test`, each further process takes the next database)"
)
URL = "MEDVAULT_TEST_REDIS_URL"
DATABASES = 64


class Valkey:
    """A server whose database in `url` belongs to the tests."""

    def __init__(self, url: str) -> None:
        self.url = url

    def clear(self) -> None:
        """Empties the database."""
        with redis.Redis.from_url(self.url) as client:
            client.flushdb()


class PrivateValkey(PrivateServer, Valkey):
    """A server of our own that keeps nothing on disk."""

    name = "valkey"

    def __init__(self) -> None:
        self._binary = program("valkey-server", "redis-server", missing=MISSING)
        self._port = free_port()
        PrivateServer.__init__(self)
        Valkey.__init__(self, f"redis://127.0.0.1:{self._port}/0")

    def command(self) -> list[str]:
        """No configuration file."""
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        options += ["--databases", str(DATABASES)]
        return [str(self._binary), "--port", str(self._port), *options]

    def answers(self) -> bool:
        """PING is answered."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def valkey() -> Iterator[Valkey]:
    """The one MEDVAULT_TEST_REDIS_URL names, else a private one."""
    if url := os.environ.get(URL):
        yield Valkey(url)
    else:
        with PrivateValkey() as server:
            yield server


def next_database(url: str, number: int) -> str:
    """The database that comes so many after the one in the URL."""
    parts = urlsplit(url)
    database = int(parts.path.strip("/") or 0) + number
    return urlunsplit(parts._replace(path=f"/{database}"))
