"""Processes that run tests share one set of servers, which ends with whoever lends it."""

import contextlib
import os
import socket
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
NAMED = {
    "postgres_wheel": postgres.WHEELS,
    "postgres_debian": postgres.DEBIANS,
    "valkey": valkey.URL,
}
BORROW = "import os, sys; from support.servers.lending import share\n"
BORROW += "share(sys.argv[1]); print(os.environ[sys.argv[2]])"


@pytest.fixture
def lender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lender]:
    """One of the test's own, whoever lends to this process."""
    for variable in (lending.ADDRESS, lending.KEY, *NAMED.values()):
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)
    with Lender() as lender:
        yield lender


def borrowed(name: str) -> str:
    """The server that another process is told of."""
    done = subprocess.run(
        [sys.executable, "-c", BORROW, name, NAMED[name]],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
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
    monkeypatch.setenv(valkey.URL, "redis://elsewhere:6379/8")
    urls = [borrowed("valkey") for _ in range(2)]
    assert urls == ["redis://elsewhere:6379/8", "redis://elsewhere:6379/9"]


def test_a_borrower_that_breaks_off_keeps_nobody_from_borrowing(lender: Lender) -> None:
    host, _, port = os.environ[lending.ADDRESS].rpartition(":")
    socket.create_connection((host, int(port))).close()
    assert borrowed("valkey").startswith("redis://")


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
