"""A database with the two logins that a deployment has: the tables' owner, and the service."""

import contextlib
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from medvault.adapters.amqp.topology import READ_BY
from support.servers.postgres import Postgres, name_of

# A server of an earlier stack has the roles already, and only their admins may grant them.
_ADMIT = sql.SQL(r"""
DO $$ DECLARE role text; BEGIN
    FOR role IN SELECT rolname FROM pg_roles
    WHERE rolname LIKE 'medvault\_%' AND NOT rolcanlogin LOOP
        EXECUTE format('GRANT %I TO %I WITH ADMIN OPTION', role, {name});
    END LOOP;
END $$
""")


class Tables:
    """Seen by the owner of the tables, past all policies.

    `migrate` makes the logins of `process_urls`, and the one of `service_url`, which all share.
    """

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._admin_url = server.new_database()
        mark = token_hex(4)
        self.owner_url = self._login(f"owner_{mark}")
        self.service_url = self._login(f"service_{mark}")
        self.process_urls = {one: self._login(f"{one}_{mark}") for one in READ_BY}
        self._create_owner(f"owner_{mark}")

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Runs a statement in a transaction of its own and returns what it found."""
        with (
            contextlib.closing(psycopg2.connect(self.owner_url)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def column(self, statement: str, *parameters: object) -> list[Any]:
        """The only column of a query."""
        return [value for (value,) in self.rows(statement, *parameters)]

    def administer(self, statement: str) -> None:
        """Runs a statement as the server's administrator."""
        self._server.execute(sql.SQL(statement))

    def drop(self) -> None:
        """Drops the database, under whoever still uses it."""
        self._server.drop_database(self._admin_url)

    def forbid_creating_roles(self) -> None:
        """Makes the owner one that an administrator prepares logins for."""
        owner = sql.Identifier(urlsplit(self.owner_url).username or "")
        self._server.execute(sql.SQL("ALTER ROLE {} NOCREATEROLE").format(owner))

    def _login(self, user: str) -> str:
        parts = urlsplit(self._admin_url)
        netloc = f"{user}:{token_hex(12)}@{parts.netloc.rpartition('@')[2]}"
        return urlunsplit(parts._replace(netloc=netloc))

    def _create_owner(self, user: str) -> None:
        owner, password = sql.Identifier(user), urlsplit(self.owner_url).password
        create = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}")
        self._server.execute(create.format(owner, sql.Literal(password)))
        database = sql.Identifier(name_of(self._admin_url))
        self._server.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, owner))
        self._server.execute(_ADMIT.format(name=sql.Literal(user)))
