"""The roles whose rights processes' logins have."""

from psycopg2 import sql

from medvault_operator.grants import ROLES
from support.servers.postgres import Postgres

_MAKE = sql.SQL("""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name}) THEN CREATE ROLE {role} NOLOGIN;
    END IF;
END $$
""")


def make_group_roles(server: Postgres) -> None:
    """Makes those that no migration of this server has made yet."""
    with server.making_roles():
        for role in ROLES.values():
            server.execute(_MAKE.format(name=sql.Literal(role), role=sql.Identifier(role)))
