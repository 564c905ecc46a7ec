"""`medvault migrate`: again and again, and what runs before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.servers.clamd import Clamd
from support.servers.machine import free_port
from support.servers.postgres import Postgres
from support.servers.s3 import S3
from support.stack.environment import Keys, Servers, environment, values
from support.stack.service import run
from support.stack.tables import Tables


@pytest.fixture
def tables(postgres_wheel: Postgres) -> Iterator[Tables]:
    found = Tables(postgres_wheel)
    yield found
    found.drop()


@pytest.fixture
def variables(
    tables: Tables, postgres_wheel: Postgres, s3: S3, clamd: Clamd, tmp_path: Path
) -> dict[str, str]:
    away = free_port()
    servers = Servers(
        postgres_wheel,
        f"amqp://127.0.0.1:{away}/",
        f"redis://127.0.0.1:{away}",
        s3.new_bucket(),
        clamd,
    )
    return environment(values(servers, tables, Keys(), "http://127.0.0.1:9"), tmp_path)


def test_migrating_again_changes_nothing(variables: dict[str, str]) -> None:
    first, second = run(["migrate"], variables), run(["migrate"], variables)
    assert first.returncode == second.returncode == 0, second.stderr
    assert first.stdout == second.stdout
    assert "The database is at revision" in first.stdout
    assert "Running upgrade" in first.stderr
    assert "Running upgrade" not in second.stderr


@pytest.mark.parametrize("command", [["api"], ["worker", "inbound"]], ids=" ".join)
def test_whoever_starts_before_the_migration_says_what_to_do(
    variables: dict[str, str], tables: Tables, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "database_url.secret").write_text(tables.owner_url)
    ended = run(command, variables)
    assert ended.returncode == 2
    assert "medvault migrate" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_owner_without_the_right_to_make_logins_is_told_what_to_ask_for(
    variables: dict[str, str], tables: Tables, postgres_wheel: Postgres
) -> None:
    tables.forbid_creating_roles()
    ended = run(["migrate"], variables)
    assert ended.returncode == 2
    assert "CREATE ROLE" in ended.stderr
    assert "Traceback" not in ended.stderr
