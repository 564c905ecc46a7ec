"""Brings the database's schema up to date, and lets the services in."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from medvault.domain.errors import Permanent

_LOCK = 0x6D656476  # "medv": one migration at a time, whoever starts it
SERVICE_ROLE = "medvault_service"


def migrate(engine: Engine, *, lock_timeout_seconds: int = 4) -> str:
    """Run all migrations as the owner and return the revision reached.

    A migration that can't get its locks in time fails instead of stopping the services.
    """
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text(f"SET lock_timeout = '{int(lock_timeout_seconds)}s'"))
        connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
        connection.commit()
        return current_revision(connection) or ""


def current_revision(connection: Connection) -> str | None:
    """Return the revision that the database is at."""
    return MigrationContext.configure(connection).get_current_revision()


def require_current(engine: Engine) -> None:
    """Raise `Permanent` with advice if the schema is older than this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head() or ""
    with engine.connect() as connection:
        found = current_revision(connection)
    if found is None or found < head:
        raise Permanent(f"the schema is at {found}, {head} is needed: run `medvault migrate` first")


def admit_service(engine: Engine, user: str, password: str | None) -> None:
    """Let a login use the vault as a service; creates it where the owner may and it is missing."""
    with engine.begin() as connection:
        quoted = connection.dialect.identifier_preparer.quote(user)
        known = connection.execute(
            text("SELECT 1 FROM pg_roles WHERE rolname = :user"), {"user": user}
        ).scalar()
        if not known:
            secret = connection.execute(
                text("SELECT quote_literal(:password)"), {"password": password or ""}
            ).scalar_one()
            connection.exec_driver_sql(
                f"CREATE ROLE {quoted} LOGIN PASSWORD {secret}".replace("%", "%%")
            )
        connection.exec_driver_sql(f"GRANT {SERVICE_ROLE} TO {quoted}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "medvault.adapters.postgres:migrations")
    return config
