"""Brings the database's schema up to date, and lets the services in.

A release expands first: the release before it can live with all that an expand step does, so its
processes go on meanwhile and may even start again. A contract step takes away what only they
needed, and waits until they are gone.
"""

import time
from itertools import takewhile

import psycopg2.errors
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from medvault.adapters.postgres.engine import translated
from medvault.adapters.postgres.leases import scripts
from medvault.adapters.postgres.release import APPLICATION
from medvault.adapters.postgres.revision import current_revision, has_contracted
from medvault.adapters.postgres.rights import PROCESSES, SERVICE_ROLE, grant
from medvault.domain.errors import Permanent

_TURN = text("SELECT pg_try_advisory_lock(:lock)")
_LOOK = 0.2
_LOCK = 0x6D656476  # "medv": one migration at a time, whoever starts it
# Names tell a release's age: those of later ones sort behind. A superuser is in every role.
_OLDER = text("""
SELECT application_name, count(*) FROM pg_stat_activity a JOIN pg_roles r ON r.rolname = a.usename
WHERE a.datname = current_database() AND NOT r.rolsuper
AND r.rolname <> current_user AND EXISTS (
    SELECT FROM pg_roles p WHERE p.rolname = ANY (:roles) AND pg_has_role(r.oid, p.oid, 'MEMBER')
)
AND (a.application_name NOT LIKE 'medvault/%' OR a.application_name < :known)
GROUP BY 1 ORDER BY 1
""")
_ADMIT = text("""
SELECT CASE WHEN NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :user)
            THEN format('CREATE ROLE %I LOGIN PASSWORD %L;',
                        CAST(:user AS text), CAST(:password AS text))
            WHEN :renew THEN format('ALTER ROLE %I PASSWORD %L;',
                                   CAST(:user AS text), CAST(:password AS text))
            ELSE '' END
       || CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = :user
                            AND NOT rolsuper AND pg_has_role(oid, :role, 'MEMBER')) THEN ''
               ELSE format('GRANT %I TO %I', CAST(:role AS text), CAST(:user AS text)) END
""")


def migrate(engine: Engine, *, contract: bool = False, lock_timeout_seconds: int = 4) -> str:
    """Run the expand steps as the owner and return the revision reached; `contract` runs the rest.

    An empty database gets everything; one that a later release brought further is left alone, for
    this release may have been put back. A step that can't get its locks in time fails instead of
    stopping the services. Raises `Permanent` with advice where older processes still run, or a
    contract step of an earlier release is in the way.
    """
    with engine.connect() as connection:
        try:
            _wait_for_turn(connection)
            connection.execute(text(f"SET lock_timeout = '{int(lock_timeout_seconds)}s'"))
            connection.commit()
            config = _config()
            config.attributes["connection"] = connection
            if (target := _target(connection, config, contract=contract)) is not None:
                command.upgrade(config, target)
                _install(connection)
            return current_revision(connection) or ""
        finally:
            connection.invalidate()  # lock and setting end with it, however this ends


def _install(connection: Connection) -> None:
    """Replace the functions that lease work by this release's, and give each login its rights."""
    for script in scripts():
        connection.exec_driver_sql(script)
    grant(connection, alone=has_contracted(connection))
    connection.commit()


def _wait_for_turn(connection: Connection) -> None:
    """Take the lock of migrations; a wait within a statement would stop an index in the making."""
    while not connection.execute(_TURN, {"lock": _LOCK}).scalar_one():
        connection.rollback()
        time.sleep(_LOOK)


def _target(connection: Connection, config: Config, *, contract: bool) -> str | None:
    """Choose how far to go from where the database is; None leaves it there."""
    found = current_revision(connection)
    connection.commit()
    if found is None:
        return "head"
    known = list(ScriptDirectory.from_config(config).walk_revisions())
    if found > known[0].revision:
        return None
    ahead = [
        (step.revision, step.module.phase) for step in reversed(known) if step.revision > found
    ]
    if contract:
        _require_successors_only(connection)
        return "head"
    expanding = list(takewhile(lambda step: step[1] == "expand", ahead))
    if any(phase == "expand" for _, phase in ahead[len(expanding) :]):
        raise Permanent(
            f"the contract step {ahead[len(expanding)][0]} of an earlier release was never run: "
            "run `medvault migrate --contract` of that release first"
        )
    return expanding[-1][0] if expanding else found


def _require_successors_only(connection: Connection) -> None:
    """Raise `Permanent` while a service is connected that may need what a contract step removes."""
    older = connection.execute(
        _OLDER, {"roles": [SERVICE_ROLE, *PROCESSES], "known": APPLICATION}
    ).all()
    connection.commit()
    if older:
        names = ", ".join(f"{count} of {name or 'an unnamed program'!r}" for name, count in older)
        raise Permanent(
            f"services of an earlier release are still connected ({names}): "
            "end them, then run `medvault migrate --contract` again"
        )


def admit_service(
    engine: Engine,
    user: str,
    password: str | None,
    role: str = SERVICE_ROLE,
    *,
    renew: bool = False,
) -> None:
    """Let a login use the vault as a service; creates it where it is missing.

    `role` tells what it may do; `renew` gives it this password even where it exists. Raises
    `Permanent` with advice where the owner may not do so.
    """
    try:
        with translated(), engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            parameters = {"user": user, "password": password, "role": role, "renew": renew}
            statements = connection.execute(_ADMIT, parameters).scalar_one()
            if statements:
                connection.connection.cursor().execute(statements)
    except psycopg2.errors.InsufficientPrivilege:
        raise Permanent(
            "the owner may not admit the services' login: have an administrator run "
            f'"CREATE ROLE <service user> LOGIN PASSWORD ..." and "GRANT {role} TO <it>"'
        ) from None
    except psycopg2.errors.UndefinedObject:
        raise Permanent(
            f'the owner may not make the role {role}: have an administrator run "CREATE ROLE '
            f'{role} NOLOGIN", and migrate again'
        ) from None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "medvault.adapters.postgres:migrations")
    return config
