"""A database that a superuser owned gets an owner that is none, and the superuser can't log in."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from medvault.adapters.postgres import revision, schema
from medvault.adapters.postgres.engine import connect
from medvault.adapters.postgres.ownership import OWNER, without_superuser
from medvault.domain.errors import Permanent, Unavailable
from support.servers.postgres import PrivatePostgres, wheel_binaries
from support.stack.release import BEFORE

SERVICE = "service_of_old"
OWNERS = """
SELECT tableowner FROM pg_tables WHERE schemaname = 'public'
UNION SELECT sequenceowner FROM pg_sequences WHERE schemaname = 'public'
UNION SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()
"""


@pytest.fixture
def url() -> Iterator[str]:
    """A database of the release before, with a patient, that its server's superuser owns."""
    with PrivatePostgres(wheel_binaries(), fsync=False) as server:
        url = server.new_database()
        owner = connect(url, options="")
        with owner.connect() as connection:
            config = schema._config()
            config.attributes["connection"] = connection
            command.upgrade(config, BEFORE)
        schema.admit_service(owner, SERVICE, "pass")
        run(owner, f"INSERT INTO patients (id) VALUES ('{uuid4()}')")
        owner.dispose()
        yield url


def run(engine: Engine, statement: str) -> list[object]:
    """The first column of what a statement returns."""
    with engine.begin() as connection:
        found = connection.execute(text(statement))
        return [row[0] for row in found] if found.returns_rows else []


def test_everything_goes_to_an_owner_that_is_no_superuser(url: str) -> None:
    service_url = make_url(url).set(username=SERVICE, password="pass")
    service = connect(service_url.render_as_string(hide_password=False))
    own = without_superuser(url)
    assert without_superuser(url) == own
    owner = connect(own, options="")
    assert run(owner, "SELECT current_user") == [OWNER]
    assert run(owner, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [False]
    assert run(owner, OWNERS) == [OWNER]
    schema.migrate(owner)
    schema.migrate(owner, contract=True)
    schema.admit_service(owner, SERVICE, "pass")
    assert run(owner, "SELECT count(*) FROM patients") == [1]
    revision.require_current(service)
    with pytest.raises(OperationalError, match="not permitted to log in"):
        connect(url, options="").connect()
    with pytest.raises(Exception, match="permission denied"):
        run(owner, "COPY patients TO PROGRAM 'cat'")
    owner.dispose()
    service.dispose()


def test_a_hand_over_that_was_cut_short_is_finished(url: str) -> None:
    superuser = connect(url, options="")
    run(superuser, f"CREATE ROLE {OWNER}")
    run(superuser, f"ALTER TABLE patients OWNER TO {OWNER}")
    owner = connect(without_superuser(url), options="")
    assert run(owner, OWNERS) == [OWNER]
    owner.dispose()
    superuser.dispose()


def test_where_neither_login_gets_in_the_setting_is_named(url: str) -> None:
    wrong = make_url(url).set(password="wrong").render_as_string(hide_password=False)
    with pytest.raises(Permanent, match="MEDVAULT_DATABASE_OWNER_URL"):
        without_superuser(wrong)
    away = make_url(url).set(port=1).render_as_string(hide_password=False)
    with pytest.raises(Unavailable):
        without_superuser(away)
