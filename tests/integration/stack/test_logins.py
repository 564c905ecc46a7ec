"""`medvault migrate` admits a login of each process, and tells whose is refused."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from medvault.adapters.amqp.topology import READ_BY
from medvault_operator.capabilities.admission import sql
from medvault_operator.vault.components import Component
from medvault_operator.vault.grants import QUEUES, ROLES
from support import pdfs
from support.servers.machine import free_port
from support.servers.postgres import Postgres
from support.servers.rabbitmq import RabbitMQ
from support.stack.environment import NewServers, environment
from support.stack.filing import file_pdf, list_one
from support.stack.forking import run
from support.stack.service import Spawn
from support.stack.stack import running_stack
from support.stack.tables import Tables

ROLES_OF = """
SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = %s
"""


@pytest.fixture
def tables(postgres_wheel: Postgres) -> Iterator[Tables]:
    found = Tables(postgres_wheel)
    yield found
    found.drop()


def login(url: str, user: str) -> str:
    """The URL of another user, with a password of its own."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{token_hex(12)}@{place}"))


@pytest.fixture
def own(tables: Tables) -> dict[str, str]:
    """The settings of a login to the database for each process."""
    mark = token_hex(4)
    return {f"database_{one}_url": login(tables.service_url, f"{one}_{mark}") for one in READ_BY}


@pytest.fixture
def variables(tables: Tables, own: dict[str, str], tmp_path: Path) -> dict[str, str]:
    settings = {"database_owner_url": tables.owner_url, **own}
    return environment(settings, tmp_path)


def test_each_login_gets_the_role_of_its_process_and_no_other(
    variables: dict[str, str], own: dict[str, str], tables: Tables
) -> None:
    done = run(["migrate"], variables)
    assert done.returncode == 0, done.stderr
    for process in READ_BY:
        user = urlsplit(own[f"database_{process}_url"]).username
        assert tables.column(ROLES_OF, user) == [ROLES[Component(process)]]


def test_the_login_of_all_is_let_in_only_where_one_lacks_its_own(
    variables: dict[str, str], tables: Tables, tmp_path: Path
) -> None:
    shared = environment({"database_url": tables.service_url}, tmp_path)
    user = urlsplit(tables.service_url).username
    assert run(["migrate"], variables | shared).returncode == 0
    assert tables.column("SELECT 1 FROM pg_roles WHERE rolname = %s", user) == []
    some = {name: value for name, value in variables.items() if "MEDIA" not in name}
    assert run(["migrate"], some | shared).returncode == 0
    assert tables.column(ROLES_OF, user) == ["medvault_service"]


def test_two_processes_with_one_login_are_told_apart(
    variables: dict[str, str], own: dict[str, str], tmp_path: Path
) -> None:
    again = environment({"database_media_url": own["database_api_url"]}, tmp_path)
    ended = run(["migrate"], variables | again)
    assert ended.returncode == 2
    assert "MEDVAULT_DATABASE_API_URL and MEDVAULT_DATABASE_MEDIA_URL" in ended.stderr


def test_a_wrong_password_is_told_by_its_setting(
    variables: dict[str, str], own: dict[str, str], tmp_path: Path
) -> None:
    assert run(["migrate"], variables).returncode == 0
    other = login(own["database_media_url"], urlsplit(own["database_media_url"]).username or "")
    wrong = environment({"database_media_url": other}, tmp_path)
    ended = run(["migrate"], variables | wrong)
    assert ended.returncode == 2
    assert "the database refuses the user or the password" in ended.stderr
    assert "MEDVAULT_DATABASE_MEDIA_URL" in ended.stderr


def test_logins_that_an_administrator_makes_by_the_documented_commands_are_let_in(
    variables: dict[str, str], tables: Tables, tmp_path: Path
) -> None:
    assert run(["migrate"], variables).returncode == 0
    prefix, word = f"clinic_{token_hex(4)}", token_hex(12)
    for statement in sql(prefix):
        tables.administer(statement.replace("'...'", f"'{word}'"))
    tables.forbid_creating_roles()
    place = urlsplit(tables.service_url)
    made = {
        f"database_{one}_url": urlunsplit(
            place._replace(netloc=f"{prefix}_{one}:{word}@{place.netloc.rpartition('@')[2]}")
        )
        for one in READ_BY
    }
    done = run(["migrate"], variables | environment(made, tmp_path))
    assert done.returncode == 0, done.stderr
    for url in made.values():
        psycopg2.connect(url).close()


def test_the_broker_is_tried_as_each_process(
    variables: dict[str, str], amqp_url: str, rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    users = {
        f"broker_{one}_url": rabbitmq.new_user(
            amqp_url, configure=may.configure, write=may.write, read=may.read
        )
        for one, may in QUEUES.items()
    }
    tried = variables | environment(users, tmp_path)
    assert "The broker lets the services in." in run(["migrate"], tried).stdout
    vhost = urlsplit(amqp_url).path
    made = rabbitmq.management("GET", f"/api/queues{vhost}").json()
    assert len(made) == 8
    wrong = environment({"broker_media_url": users["broker_api_url"]}, tmp_path)
    assert "name the same login" in run(["migrate"], tried | wrong).stderr
    rightless = rabbitmq.new_user(amqp_url, configure="^$", write="", read="^$")
    ended = run(["migrate"], tried | environment({"broker_media_url": rightless}, tmp_path))
    assert ended.returncode == 2
    assert "lets this user not declare the queue medvault.media" in ended.stderr
    assert "MEDVAULT_BROKER_MEDIA_URL" in ended.stderr


def test_a_patient_is_served_by_processes_with_logins_of_their_own(
    new_servers: NewServers, rabbitmq: RabbitMQ, tmp_path: Path, spawn: Spawn
) -> None:
    def own(_: Tables) -> dict[str, dict[str, str]]:
        return {
            process.value: {
                "broker_url": rabbitmq.new_user(
                    servers.amqp_url, configure=may.configure, write=may.write, read=may.read
                ),
            }
            for process, may in QUEUES.items()
        }

    with (
        new_servers() as servers,
        running_stack(servers, tmp_path, own=own, spawn=spawn) as stack,
    ):
        phone, report = stack.phone(), pdfs.written(pdfs.report())
        file_pdf(phone, report)
        list_one(phone)
        assert phone.download(phone.say("GET 1", "City Hospital")) == report
        stack.settle()


def test_a_broker_that_is_away_keeps_nobody_from_migrating(
    variables: dict[str, str], tmp_path: Path
) -> None:
    away = environment({"broker_api_url": f"amqp://127.0.0.1:{free_port()}/"}, tmp_path)
    done = run(["migrate"], variables | away)
    assert done.returncode == 0
    assert "not every login was tried" in done.stdout
