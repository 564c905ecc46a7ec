"""The services' login tries to become more than it is.

The control is the release before, and for what was refused then too whoever may: an attack that
nobody can carry out would show nothing.
"""

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from medvault.adapters.postgres import schema
from medvault.adapters.postgres.engine import connect
from support.attacks import Attacks
from support.escalations import ESCALATIONS, Escalation
from support.servers.postgres import Postgres
from support.stack.release import BEFORE
from support.vaults import OWNER, PASSWORD, SERVICE, Vault, as_user, migrated, owned

UNSTOPPED = "SET LOCAL session_replication_role = replica"
DEFINERS = """
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE pronamespace = 'public'::regnamespace
AND (prosecdef OR prorettype = 'trigger'::regtype)
AND (proconfig IS NULL OR NOT 'search_path=pg_catalog, pg_temp' = ANY (proconfig))
"""


@pytest.fixture
def vault(postgres: Postgres) -> Iterator[Vault]:
    """A vault of this release; a copy of one would have the rights of every new database."""
    url = postgres.new_database()
    with postgres.making_roles():
        migrated(url)
    vault = Vault(url)
    yield vault
    vault.close()
    postgres.drop_database(url)


@pytest.fixture
def before(postgres: Postgres) -> Iterator[Engine]:
    """A service's connections to a vault of the release before."""
    url = postgres.new_database()
    with postgres.making_roles():
        owned(url)
        owner = connect(as_user(url, OWNER), options="")
        with owner.connect() as connection:
            config = schema._config()
            config.attributes["connection"] = connection
            command.upgrade(config, BEFORE)
        schema.admit_service(owner, SERVICE, PASSWORD)
    owner.dispose()
    service = connect(as_user(url, SERVICE))
    yield service
    service.dispose()
    postgres.drop_database(url)


def succeeds(login: Engine, attempt: Escalation, *prelude: str) -> bool:
    """Whether a login gets what it tries for; nothing of it stays."""
    with login.connect() as connection:
        try:
            for statement in (*prelude, *attempt.statements):
                connection.execute(text(statement))
            return attempt.won is None or bool(connection.execute(text(attempt.won)).scalar())
        except DBAPIError:
            return False
        finally:
            connection.rollback()


def test_a_service_becomes_nothing_more_than_it_is(
    vault: Vault, before: Engine, attacks: Attacks
) -> None:
    names = {one.name for one in ESCALATIONS}
    came_through = {one.name for one in ESCALATIONS if succeeds(vault.engine, one)}
    then = {one.name for one in ESCALATIONS if succeeds(before, one)}
    unbound = {one.name for one in ESCALATIONS if succeeds(vault.admin, one, UNSTOPPED)}
    attacks.tried("escalations", len(names), len(came_through), (len(names), len(then | unbound)))
    attacks.measured(escalations_before=len(then))
    assert len(names) >= 60
    assert came_through == set()
    assert then | unbound == names
    assert {
        "a view in front of a table that runs as the owner",
        "an entry hidden from its chain",
        "an entry of last year",
    } <= then


def test_no_function_that_runs_as_its_owner_looks_into_a_callers_schema(vault: Vault) -> None:
    assert vault.sql("SELECT count(*) FROM pg_proc WHERE prosecdef") != [(0,)]
    assert vault.sql(DEFINERS) == []
