"""A migrated database of a test's own, as a superuser sees it: past all policies."""

from typing import Any

import psycopg2

from support.servers.postgres import Postgres
from support.vaults import SERVICE, as_user, migrated


class ClinicTables:
    """`service_url` is for the services, `admin_url` for whoever tampers."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self.admin_url = server.new_database(migrated)
        self.service_url = as_user(self.admin_url, SERVICE)
        self._connection = psycopg2.connect(self.admin_url)
        self._connection.autocommit = True

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Runs a statement in a transaction of its own; ids come back as strings."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, [_plain(value) for value in parameters])
            return cursor.fetchall() if cursor.description else []

    def column(self, statement: str, *parameters: object) -> list[Any]:
        """The only column of a query."""
        return [value for (value,) in self.rows(statement, *parameters)]

    def one(self, statement: str, *parameters: object) -> Any:
        """The only value of a query."""
        (value,) = self.column(statement, *parameters)
        return value

    def drop(self) -> None:
        """Drops it, under whoever still uses it."""
        self._connection.close()
        self._server.drop_database(self.admin_url)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str | bytes | None) else str(value)
