"""Processes that run tests share one set of servers, which ends with whoever lends it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from support.servers import lending, postgres, valkey
from support.servers.lending import Lender, NotLentError, share
from support.servers.machine import MissingServerError, listening

TESTS = Path(__file__).parents[2]
VARIABLES = [lending.ADDRESS, lending.KEY, *(variable for variable, _ in lending.SERVERS.values())]
BORROW = (
    "import os, sys; from support.servers.lending import SERVERS, share\n"
    "share(sys.argv[1]); print(os.environ[SERVERS[sys.argv[1]][0]])"
)


@pytest.fixture
def lender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lender]:
    """One of the test's own, whoever lends to this process."""
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)
    with Lender() as lender:
        yield lender


def borrowed(name: str) -> str:
    """The server that another process is told of."""
    done = subprocess.run(
        [sys.executable, "-c", BORROW, name],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_server_is_started_once_for_all(lender: Lender) -> None:
    with ThreadPoolExecutor(3) as asking:
        urls = set(asking.map(borrowed, ["postgres_wheel"] * 3))
    (url,) = urls
    with contextlib.closing(psycopg2.connect(url)) as connection:
        assert connection.info.server_version >= 150_000
    lender.close()
    assert not listening(urlsplit(url).port or 0)


def test_each_borrower_has_a_database_of_the_cache_for_itself(lender: Lender) -> None:
    first, second = borrowed("valkey"), borrowed("valkey")
    assert first.rpartition("/")[0] == second.rpartition("/")[0]
    assert first != second


def test_a_server_that_exists_is_lent_as_it_is(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(postgres.DEBIANS, "postgresql://somebody@elsewhere/postgres")
    assert borrowed("postgres_debian") == "postgresql://somebody@elsewhere/postgres"


def test_a_borrower_hears_why_a_server_does_not_start(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey, "program", _missing)
    with pytest.raises(NotLentError, match="valkey: Valkey is missing"):
        share("valkey")


def _missing(*_: str, missing: str) -> Path:
    raise MissingServerError(missing)


def test_without_a_lender_nothing_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(lending.ADDRESS, raising=False)
    monkeypatch.delenv(valkey.URL, raising=False)
    share("valkey")
    assert valkey.URL not in os.environ
