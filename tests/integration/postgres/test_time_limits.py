"""A server that is frozen is given up in time, whatever it was asked."""

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from medvault.adapters.postgres import time_limits
from medvault.adapters.postgres.engine import connect, translated
from medvault.adapters.postgres.time_limits import CONNECT
from medvault.domain.errors import Unavailable
from support.servers.postgres import PrivatePostgres, wheel_binaries

SPARE = 1.0
ANSWER = 1.5
"""As deployed it is seven seconds."""
pytestmark = pytest.mark.calm


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections give up soon."""
    monkeypatch.setattr(time_limits, "ANSWER", ANSWER)


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    """A server to be frozen."""
    with PrivatePostgres(wheel_binaries(), fsync=False) as server:
        yield server


def refused_after(ask: Callable[[], object]) -> float:
    since = time.monotonic()
    with pytest.raises(Unavailable), translated():
        ask()
    return time.monotonic() - since


def test_a_frozen_server_is_given_up_and_found_again(server: PrivatePostgres) -> None:
    engine = connect(server.url)
    with engine.connect() as asking, engine.connect() as committing:
        asking.execute(text("SELECT 1"))
        committing.execute(text("CREATE TABLE something ()"))
        server.pause()
        try:
            asked = refused_after(lambda: asking.execute(text("SELECT 1")))
            committed = refused_after(committing.commit)
            connected = refused_after(engine.connect)
        finally:
            server.resume()
    assert ANSWER - SPARE < asked < ANSWER + SPARE
    assert ANSWER - SPARE < committed < ANSWER + SPARE
    assert connected < CONNECT + SPARE
    with engine.connect() as again:
        assert again.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_an_engine_without_options_waits_for_as_long_as_it_takes(server: PrivatePostgres) -> None:
    engine = connect(server.url, options="")
    with engine.connect() as patient:
        slept = patient.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": ANSWER + SPARE})
        assert slept.rowcount == 1
    engine.dispose()
