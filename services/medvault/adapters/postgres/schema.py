"""Brings the database's schema up to date, and lets the services in."""

import psycopg2.errors
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from medvault.adapters.postgres.engine import translated
from medvault.domain.errors import Permanent

_LOCK = 0x6D656476  # "medv": one migration at a time, whoever starts it
SERVICE_ROLE = "medvault_service"
_ADMIT = text("""
SELECT CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = :user) THEN ''
       ELSE format('CREATE ROLE %I LOGIN PASSWORD %L;',
                   CAST(:user AS text), CAST(:password AS text))
       END || format('GRANT %I TO %I', CAST(:role AS text), CAST(:user AS text))
""")


def migrate(engine: Engine, *, lock_timeout_seconds: int = 4) -> str:
    """Run all migrations as the owner and return the revision reached.

    A migration that can't get its locks in time fails instead of stopping the services.
    """
    with engine.connect() as connection:
        connection.detach()  # lock and setting end with the connection, however this ends
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text(f"SET lock_timeout = '{int(lock_timeout_seconds)}s'"))
        connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return current_revision(connection) or ""


def current_revision(connection: Connection) -> str | None:
    """Return the revision that the database is at."""
    return MigrationContext.configure(connection).get_current_revision()


def require_current(engine: Engine) -> None:
    """Raise `Permanent` with advice if the schema is older than this code needs.

    A database that does not answer raises `Unavailable`.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head() or ""
    with translated(), engine.connect() as connection:
        found = current_revision(connection)
    if found is None or found < head:
        raise Permanent(f"the schema is at {found}, {head} is needed: run `medvault migrate` first")


def admit_service(engine: Engine, user: str, password: str | None) -> None:
    """Let a login use the vault as a service; creates it where it is missing.

    Raises `Permanent` with advice where the owner may not do so.
    """
    try:
        with translated(), engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            parameters = {"user": user, "password": password, "role": SERVICE_ROLE}
            statements = connection.execute(_ADMIT, parameters).scalar_one()
            connection.connection.cursor().execute(statements)
    except psycopg2.errors.InsufficientPrivilege:
        raise Permanent(
            "the owner may not admit the services' login: have an administrator run "
            f'"CREATE ROLE <service user> LOGIN PASSWORD ..." and "GRANT {SERVICE_ROLE} TO <it>"'
        ) from None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "medvault.adapters.postgres:migrations")
    return config
