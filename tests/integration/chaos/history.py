"""A run that was recorded, to be tampered with: every test gets a copy of its own."""

import contextlib
import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from chaos.checker.check import check
from chaos.checker.digests import digests
from chaos.checker.findings import Findings
from chaos.checker.sources import Bucket, Sources
from support.servers.postgres import Postgres, name_of
from support.servers.s3 import Bucket as Store
from support.stack.stack import Stack


@dataclass(frozen=True, slots=True, repr=False)
class Recording:
    """The remains of a run: Meta's answers by path, a database to copy, and the files."""

    meta: dict[str, Any]
    postgres: Postgres
    owner_url: str
    files: Store
    index_key: str


class History:
    """A copy of a recording: `meta` may be changed, `sql` and `files` reach all the rest."""

    def __init__(self, recording: Recording) -> None:
        self.meta: dict[str, Any] = copy.deepcopy(recording.meta)
        self.files = recording.files
        self._recording = recording
        self._postgres = recording.postgres
        self._url = copied(recording.postgres, recording.owner_url)

    @property
    def ledger(self) -> dict[str, Any]:
        """Meta's ledger."""
        found: dict[str, Any] = self.meta["/sim/ledger"]
        return found

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Does what no service could: past all constraints that are triggers."""
        with (
            contextlib.closing(psycopg2.connect(self._url)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, *parameters: object) -> Any:
        """The only value of a query."""
        ((value,),) = self.sql(statement, *parameters)
        return value

    def post(self, seq: int) -> dict[str, Any]:
        """The webhook that brought the message of an inbox row."""
        digest = digests(self._recording.index_key)
        key = str(self.one("SELECT key FROM inbox WHERE seq = %s", seq))
        return next(
            webhook
            for webhook in self.ledger["webhooks"]
            for wamid in webhook["messages"]
            if str(digest("update", f"message|{wamid}")) == key
        )

    def own_files(self) -> Store:
        """From now on the files are in a bucket of their own."""
        source, store = self.files, self.files.store
        self.files = store.new_bucket()
        for key in source.keys():  # noqa: SIM118 - a bucket is no mapping
            place = f"{source.name}/{key}"
            store.client.copy_object(Bucket=self.files.name, Key=key, CopySource=place)
        return self.files

    def into(self, folder: Path) -> Path:
        """The files in a folder, as the embedded mode keeps them."""
        for key in self.files.keys():  # noqa: SIM118 - a bucket is no mapping
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            found = self.files.store.client.get_object(Bucket=self.files.name, Key=key)
            path.write_bytes(found["Body"].read())
        return folder

    def check(self, store: Path | None = None) -> Findings:
        """The checker's findings in it, with the files in a bucket or in a folder."""
        with served(self.meta) as url:
            return check(self.sources(url, store))

    def sources(self, simulator_url: str, store: Path | None = None) -> Sources:
        """Where everything is, Meta's side at an address of its own."""
        owner_url, key = self._recording.owner_url, self._recording.index_key
        return Sources(simulator_url, _at(owner_url, self._url), key, store or bucket(self.files))

    def drop(self) -> None:
        """Drops the copy of the database."""
        self._postgres.drop_database(self._url)


def bucket(files: Store) -> Bucket:
    """A bucket of the tests as the checker is told of it."""
    store = files.store
    return Bucket(store.endpoint, files.name, store.access_key, store.secret_key)


def sources(stack: Stack) -> Sources:
    """Where a running stack leaves everything."""
    tables, files = stack.vault.tables, stack.vault.bucket
    return Sources(stack.meta.url, tables.owner_url, stack.keys.index, bucket(files))


def recorded(stack: Stack) -> Recording:
    """Ends a stack's processes and keeps what they did."""
    for process in stack.processes:
        process.kill()
    users = stack.meta.control("GET", "/users")
    meta = {"/sim/users": users, "/sim/ledger": stack.meta.control("GET", "/ledger")}
    for user in users:
        path = f"/users/{user['id']}/messages"
        meta[f"/sim{path}"] = stack.meta.control("GET", path)
    tables, postgres = stack.vault.tables, stack.servers.postgres
    kept = copied(postgres, tables.owner_url)
    owner_url = _at(tables.owner_url, kept)
    return Recording(meta, postgres, owner_url, stack.vault.bucket, stack.keys.index)


def copied(postgres: Postgres, url: str) -> str:
    """A superuser's URL to a copy of a database that nobody uses."""
    made = postgres.new_database()
    postgres.drop_database(made)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    names = sql.Identifier(name_of(made)), sql.Identifier(name_of(url))
    postgres.execute(statement.format(*names))
    return made


def _at(login: str, database_url: str) -> str:
    """The database of one URL by the login of another."""
    return urlunsplit(urlsplit(login)._replace(path=f"/{name_of(database_url)}"))


@contextmanager
def served(answers: dict[str, Any]) -> Iterator[str]:
    """Serves JSON by path."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = json.dumps(answers[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
