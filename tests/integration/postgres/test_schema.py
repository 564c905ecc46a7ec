"""The schema is brought up to date by one migration at a time, wholly or not at all."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from medvault.adapters.postgres import revision, schema
from medvault.adapters.postgres.engine import connect
from medvault.domain.errors import Permanent, Unavailable
from support.servers.machine import free_port
from support.servers.postgres import Postgres
from support.vaults import OWNER, Vault, as_user, owned


@pytest.fixture
def owner(postgres: Postgres) -> Iterator[Engine]:
    """The owner of an empty database."""
    url = postgres.new_database()
    with postgres.making_roles():
        owned(url)
    engine = connect(as_user(url, OWNER), options="")
    yield engine
    engine.dispose()
    postgres.drop_database(url)


def test_migrating_twice_changes_nothing(owner: Engine) -> None:
    assert schema.migrate(owner) == schema.migrate(owner)
    with owner.connect() as connection:
        assert revision.current_revision(connection) == schema.migrate(owner)


def test_two_migrations_at_once_make_one_schema(owner: Engine, threads: ThreadPoolExecutor) -> None:
    assert len(set(threads.map(schema.migrate, [owner, owner]))) == 1
    revision.require_current(owner)


def test_a_migration_that_fails_leaves_nothing(owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE reports (in_the_way int)"))
    with pytest.raises(ProgrammingError, match="reports"):
        schema.migrate(owner)
    assert inspect(owner).get_table_names() == ["reports"]
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE reports"))
    schema.migrate(owner)
    revision.require_current(owner)


def test_a_migration_that_failed_holds_no_lock(owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE reports (in_the_way int)"))
    with pytest.raises(ProgrammingError):
        schema.migrate(owner)
    with owner.connect() as connection:
        held = text(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert connection.execute(held).scalar_one() == 0
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "0"


def test_a_migration_does_not_wait_long_for_a_lock_that_a_service_holds(owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
    with owner.begin() as connection:
        connection.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(OperationalError, match="lock timeout"):
            schema.migrate(owner, lock_timeout_seconds=1)


def test_a_schema_from_the_future_is_left_alone(vault: Vault) -> None:
    vault.sql("UPDATE alembic_version SET version_num = '9999'")
    assert schema.migrate(vault.owner) == "9999"
    assert schema.migrate(vault.owner, contract=True) == "9999"
    revision.require_current(vault.engine)


def test_services_refuse_an_empty_database(owner: Engine) -> None:
    with pytest.raises(Permanent, match="medvault migrate"):
        revision.require_current(owner)


def test_services_refuse_an_old_schema(vault: Vault) -> None:
    revision.require_current(vault.engine)
    vault.sql("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(Permanent, match="0000"):
        revision.require_current(vault.engine)


def test_a_database_that_is_away_is_unavailable_not_old() -> None:
    engine = connect(f"postgresql://somebody:secret@127.0.0.1:{free_port()}/nowhere")
    with pytest.raises(Unavailable):
        revision.require_current(engine)
    engine.dispose()


def test_an_owner_who_may_not_make_roles_is_told_what_to_ask_for(vault: Vault) -> None:
    with vault.admin.begin() as connection:
        connection.exec_driver_sql(
            "DO $$ BEGIN CREATE ROLE powerless LOGIN PASSWORD 'x'; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    powerless = connect(as_user(vault.url, "powerless", "x"))
    with pytest.raises(Permanent, match="administrator") as refusal:
        schema.admit_service(powerless, "vault_late", "do not tell")
    powerless.dispose()
    assert "do not tell" not in str(refusal.value)


@pytest.mark.parametrize("user", ["app", "We ird", 'quo"te', "per%cent%s", "o'clock", "naïve ❤"])
@pytest.mark.parametrize("password", ["plain", "%s%%(x)s 'quoted' \\ \"x\" :bind ❤", " "])
def test_any_login_can_be_admitted_again_and_again(vault: Vault, user: str, password: str) -> None:
    name = f"{user} {vault.new_id().hex[-12:]}"
    schema.admit_service(vault.owner, name, password)
    schema.admit_service(vault.owner, name, password)
    place = vault.admin.url
    with (
        psycopg2.connect(
            host=place.host, port=place.port, dbname=place.database, user=name, password=password
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT count(*) FROM reports")
        assert cursor.fetchall() == [(0,)]
    connection.close()
    with vault.admin.begin() as admin:
        quoted = admin.execute(text("SELECT quote_ident(:name)"), {"name": name}).scalar_one()
        admin.exec_driver_sql(f"DROP ROLE {quoted}".replace("%", "%%"))


def test_a_login_can_be_admitted_from_many_places_at_once(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    name = f"app {vault.new_id().hex[-12:]}"
    admitted = [threads.submit(schema.admit_service, vault.owner, name, "secret") for _ in range(4)]
    for one in admitted:
        one.result()
    with vault.admin.begin() as admin:
        admin.exec_driver_sql(f'DROP ROLE "{name}"')
