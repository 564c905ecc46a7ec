"""`medvault migrate`: again and again, and what runs before it."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.servers.clamd import Clamd
from support.servers.machine import free_port
from support.servers.postgres import Postgres
from support.servers.s3 import S3
from support.stack.environment import Keys, Servers, environment, values
from support.stack.forking import run
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


@pytest.fixture
def left(variables: dict[str, str], tmp_path: Path) -> Path:
    """Where a command leaves its last line."""
    path = tmp_path / "termination-log"
    variables["MEDVAULT_TERMINATION_LOG"] = str(path)
    return path


def last_line(left: Path) -> Any:
    (line,) = left.read_text().splitlines()
    return json.loads(line)


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


def test_what_was_done_is_left_as_one_line(
    variables: dict[str, str], left: Path, tables: Tables, s3: S3
) -> None:
    name = variables["MEDVAULT_S3_BUCKET"] = f"{variables['MEDVAULT_S3_BUCKET']}-new"
    done = run(["migrate"], variables)
    assert done.returncode == 0, done.stderr
    said = last_line(left)
    assert said["schema"] == tables.column("SELECT version_num FROM alembic_version")[0]
    assert s3.client.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert ("no lifecycle rules" in done.stdout) is ("lifecycle" in said["store_lacks"])


def test_a_vault_without_a_bucket_is_migrated_all_the_same(
    variables: dict[str, str], left: Path
) -> None:
    del variables["MEDVAULT_S3_BUCKET"]
    assert run(["migrate"], variables).returncode == 0
    assert list(last_line(left)) == ["schema", "logins"]


@pytest.mark.parametrize("name", ["database_owner_url", "database_url"])
def test_a_wrong_password_of_the_database_is_told(
    variables: dict[str, str], left: Path, tmp_path: Path, name: str
) -> None:
    assert run(["migrate"], variables).returncode == 0
    file = tmp_path / f"{name}.secret"
    password = urlsplit(file.read_text()).password or ""
    file.write_text(file.read_text().replace(password, "wrong-word"))
    ended = run(["migrate"], variables)
    assert ended.returncode == 2
    error = last_line(left)["error"]
    assert "the database refuses the user or the password" in error
    assert f"MEDVAULT_{name.upper()}" in error
    assert error in ended.stderr
    assert "wrong-word" not in ended.stderr


def test_a_wrong_key_of_the_store_is_told(
    variables: dict[str, str], left: Path, tmp_path: Path
) -> None:
    (tmp_path / "s3_secret_key.secret").write_text("wrong-word")
    ended = run(["migrate"], variables)
    assert ended.returncode == 2
    assert "storage refused access" in last_line(left)["error"]
    assert "wrong-word" not in ended.stderr + left.read_text()


@pytest.mark.parametrize(
    ("wrong", "meaning"),
    [
        (lambda url: url.replace(urlsplit(url).password or "", "wrong-word"), "refuses the user"),
        (lambda url: f"{url}-wrong-word", "does not let this user into the virtual host"),
    ],
    ids=["password", "virtual host"],
)
def test_a_login_that_the_broker_refuses_is_told(
    variables: dict[str, str],
    left: Path,
    tmp_path: Path,
    amqp_url: str,
    wrong: Callable[[str], str],
    meaning: str,
) -> None:
    file = tmp_path / "broker_url.secret"
    file.write_text(amqp_url)
    assert "The broker lets the services in." in run(["migrate"], variables).stdout
    file.write_text(wrong(amqp_url))
    ended = run(["migrate"], variables)
    assert ended.returncode == 2
    error = last_line(left)["error"]
    assert error.startswith(f"the broker {meaning}")
    assert error.endswith("check MEDVAULT_BROKER_URL")
    assert "wrong-word" not in ended.stderr + left.read_text()


def test_a_broker_that_is_away_keeps_nobody_from_migrating(variables: dict[str, str]) -> None:
    done = run(["migrate"], variables)
    assert done.returncode == 0
    assert "The broker does not answer yet" in done.stdout


@pytest.mark.parametrize("away", ["database", "storage"])
def test_whatever_is_away_may_be_tried_again(
    variables: dict[str, str], left: Path, tmp_path: Path, away: str
) -> None:
    if away == "database":
        nobody = f"postgresql://owner:wrong-word@127.0.0.1:{free_port()}/nowhere"
        (tmp_path / "database_owner_url.secret").write_text(nobody)
    else:
        variables["MEDVAULT_S3_ENDPOINT_URL"] = f"http://127.0.0.1:{free_port()}"
    ended = run(["migrate"], variables)
    assert ended.returncode == os.EX_TEMPFAIL
    assert f"{away} does not answer: check the" in last_line(left)["error"]
    assert "Traceback" not in ended.stderr


def test_settings_that_are_missing_are_left_there_too(left: Path) -> None:
    ended = run(["migrate"], {"PATH": os.environ["PATH"], "MEDVAULT_TERMINATION_LOG": str(left)})
    assert ended.returncode == 2
    assert "MEDVAULT_DATABASE_OWNER_URL is missing" in last_line(left)["error"]


def test_what_nobody_foresaw_is_left_by_its_class(
    variables: dict[str, str], left: Path, tables: Tables
) -> None:
    tables.rows("CREATE TABLE reports (in_the_way int)")
    ended = run(["migrate"], variables)
    assert ended.returncode == 1
    assert last_line(left) == {"error": "ProgrammingError"}


def test_a_file_that_can_not_be_written_changes_nothing(
    variables: dict[str, str], tmp_path: Path
) -> None:
    variables["MEDVAULT_TERMINATION_LOG"] = str(tmp_path / "no" / "such" / "folder")
    done = run(["migrate"], variables)
    assert done.returncode == 0, done.stderr
    assert "MEDVAULT_TERMINATION_LOG names a file that can't be written" in done.stderr
