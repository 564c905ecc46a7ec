"""The schema's revision: whether this code can work with the database as it is."""

from sqlalchemy import Connection, Engine, text

from medvault.adapters.postgres.engine import translated
from medvault.adapters.postgres.release import ALONE, NEEDED
from medvault.domain.errors import Permanent

# Alembic keeps its revision there. Processes that only read it need none of Alembic.
_IS_KEPT = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_REVISION = text("SELECT max(version_num) FROM alembic_version")


def current_revision(connection: Connection) -> str | None:
    """Return the revision that the database is at; None before the first migration."""
    if not connection.execute(_IS_KEPT).scalar_one():
        return None
    found: str | None = connection.execute(_REVISION).scalar_one()
    return found


def require_current(engine: Engine) -> None:
    """Raise `Permanent` with advice if the schema is older than this code needs.

    A database that does not answer raises `Unavailable`.
    """
    with translated(), engine.connect() as connection:
        found = current_revision(connection)
    if found is None or found < NEEDED:
        raise Permanent(
            f"the schema is at {found}, {NEEDED} is needed: run `medvault migrate` first"
        )


def is_alone(engine: Engine) -> bool:
    """Whether no process of the release before is left, which can't read what this one may write.

    A database that does not answer raises `Unavailable`.
    """
    with translated(), engine.connect() as connection:
        return has_contracted(connection)


def has_contracted(connection: Connection) -> bool:
    """Whether this release's contract step ran."""
    return (current_revision(connection) or "") >= ALONE
