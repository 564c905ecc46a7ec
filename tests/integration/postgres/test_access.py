"""Why PostgreSQL lets a login in or not, in words that an administrator can act on."""

import asyncio
from collections.abc import Callable
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from sqlalchemy import Engine

from medvault.adapters.postgres.access import require_access
from medvault.adapters.postgres.engine import connect, translated
from medvault.adapters.postgres.group_commit import GroupCommit
from medvault.domain.errors import MedvaultError, Permanent, Refused, Unavailable
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
    refused = refusal(wrong_password(postgres))
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


def wrong_password(postgres: Postgres) -> str:
    parts = urlsplit(postgres.url)
    place = parts.netloc.rpartition("@")[2]
    netloc = f"{parts.username}:{quote(PASSWORD)}@{place}"
    return urlunsplit(parts._replace(netloc=netloc))


def by_pool(url: str) -> Unavailable:
    engine: Engine = connect(url)
    try:
        with pytest.raises(Unavailable) as caught, translated(), engine.connect():
            pass
    finally:
        engine.dispose()
    return caught.value


def by_group_commit(url: str) -> Unavailable:
    async def checked() -> Unavailable:
        inbox = GroupCommit(url)
        await inbox.start()
        try:
            with pytest.raises(Unavailable) as caught:
                inbox.check()
        finally:
            await inbox.stop()
        return caught.value

    return asyncio.run(checked())


@pytest.mark.parametrize("met", [by_pool, by_group_commit])
def test_who_runs_already_tells_a_refusal_from_an_absence_too(
    postgres: Postgres, met: Callable[[str], Unavailable]
) -> None:
    def reason(url: str) -> str | None:
        found = met(url)
        assert PASSWORD not in str(found)
        return found.reason if isinstance(found, Refused) else None

    assert reason(wrong_password(postgres)) == "login"
    assert reason(postgres.database_url("not_there")) == "database"
    assert reason(f"postgresql://somebody@127.0.0.1:{free_port()}/nowhere") is None
