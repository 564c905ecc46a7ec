"""Why PostgreSQL lets a login in or not, in words that an administrator can act on."""

from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from medvault.adapters.postgres.access import require_access
from medvault.adapters.postgres.engine import connect
from medvault.domain.errors import MedvaultError, Permanent, Unavailable
from support.servers.machine import free_port
from support.servers.postgres import Postgres

PASSWORD = "not the right one"


def refusal(url: str) -> MedvaultError:
    engine = connect(url)
    try:
        with pytest.raises(MedvaultError) as caught:
            require_access(engine, "MEDVAULT_DATABASE_URL")
    finally:
        engine.dispose()
    assert "MEDVAULT_DATABASE_URL" in str(caught.value)
    assert PASSWORD not in str(caught.value)
    return caught.value


def test_a_login_that_is_let_in_is_no_error(postgres: Postgres) -> None:
    engine = connect(postgres.url)
    require_access(engine, "MEDVAULT_DATABASE_URL")
    assert engine.pool.status()
    engine.dispose()


def test_a_wrong_password_is_told_from_a_database_that_is_away(postgres: Postgres) -> None:
    parts = urlsplit(postgres.url)
    place = parts.netloc.rpartition("@")[2]
    wrong = parts._replace(netloc=f"{parts.username}:{quote(PASSWORD)}@{place}")
    refused = refusal(urlunsplit(wrong))
    assert isinstance(refused, Permanent)
    assert "refuses the user or the password" in str(refused)


def test_a_database_that_is_not_there_is_named_so(postgres: Postgres) -> None:
    refused = refusal(postgres.database_url("not_there"))
    assert isinstance(refused, Permanent)
    assert "has no database of that name" in str(refused)


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_database_that_is_away_may_come_back(host: str) -> None:
    refused = refusal(f"postgresql://somebody:{quote(PASSWORD)}@{host}:{free_port()}/nowhere")
    assert isinstance(refused, Unavailable)
    assert "check the address" in str(refused)
