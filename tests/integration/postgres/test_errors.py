"""Errors say whose fault it is, and never what the statement or its values were."""

import logging
import traceback
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from medvault.adapters.postgres.engine import (
    DatabaseRefused,
    PostgresDatabase,
    connect,
    translated,
)
from medvault.domain.errors import MedvaultError, Transient, Unavailable
from medvault.domain.identifiers import LaneId
from medvault.ports.transactions import Transaction
from support.servers.machine import free_port
from support.servers.postgres import PrivatePostgres, wheel_binaries
from support.servers.waiting import wait_until
from support.vaults import OWNER, Vault, as_user, migrated

CANARY = "919800000001"
FAILING = [
    ("SELECT * FROM nothing WHERE phone = :canary", DatabaseRefused),
    ("SELECT CAST(:canary || 'x' AS integer)", DatabaseRefused),
    (
        "INSERT INTO identities (patient_id, kind, blind_index) VALUES (:id, :canary, :id)",
        DatabaseRefused,
    ),
    ("SELECT pg_sleep(60), :canary", Transient),
    ("SELECT pg_terminate_backend(pg_backend_pid()), :canary", Unavailable),
]


def told(error: BaseException) -> str:
    """All that a log shows of an error."""
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize(("statement", "kind"), FAILING)
def test_an_error_names_no_value_and_no_statement(
    vault: Vault, statement: str, kind: type[MedvaultError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = connect(vault.service_url, options="-c statement_timeout=100")
    with pytest.raises(kind) as failure, translated(), engine.begin() as connection:
        connection.execute(text(statement), {"canary": CANARY, "id": uuid4()})
    engine.dispose()
    for shown in (told(failure.value), caplog.text):
        assert CANARY not in shown
        assert statement.split(":", maxsplit=1)[0] not in shown


def test_a_lock_that_does_not_come_in_time_is_passing(vault: Vault) -> None:
    patient = vault.patient()
    lock = text("SELECT FROM conversations WHERE patient_id = :id FOR UPDATE")
    parameters = {"id": patient.patient_id}
    wanted = text("SELECT tell_conversation(:id, :id, 'checked', '')")
    engine = connect(as_user(vault.url, OWNER), options="-c lock_timeout=50")
    with vault.owner.begin() as holder:
        holder.execute(lock, parameters)
        with pytest.raises(Transient) as failure, translated(), engine.begin() as connection:
            connection.execute(wanted, parameters)
    engine.dispose()
    assert not isinstance(failure.value, Unavailable)


def test_a_unit_of_work_that_idled_too_long_is_rolled_back(vault: Vault) -> None:
    options = "-c idle_in_transaction_session_timeout=50"
    engine = connect(vault.service_url, options=options)
    database = PostgresDatabase(engine, vault.sealer, vault.index)
    with pytest.raises(Transient):
        dawdle(vault, database)
    assert vault.one("SELECT count(*) FROM inbox") == 0
    database.check()
    engine.dispose()


def dawdle(vault: Vault, database: PostgresDatabase) -> None:
    """Writes, waits until the server has lost its patience, and writes again."""
    idle = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND state = 'idle in transaction'"
    )

    def ended() -> bool:
        with vault.admin.connect() as admin:
            return int(admin.execute(idle).scalar_one()) == 0

    with database.begin(Transaction.CONVERSE) as work:
        work.inbox.add([vault.message(LaneId(uuid4()))])
        wait_until(ended, seconds=5, what="the end of the idle session")
        work.inbox.add([vault.message(LaneId(uuid4()))])


def test_a_standby_is_no_database_to_write_to(vault: Vault) -> None:
    engine = connect(vault.service_url, options="-c default_transaction_read_only=on")
    database = PostgresDatabase(engine, vault.sealer, vault.index)
    with pytest.raises(Unavailable), database.begin(Transaction.CONVERSE) as work:
        work.inbox.add([vault.message(LaneId(uuid4()))])
    engine.dispose()


def test_an_exhausted_pool_is_unavailable(vault: Vault) -> None:
    engine = create_engine(vault.engine.url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    database = PostgresDatabase(engine, vault.sealer, vault.index)
    with engine.connect(), pytest.raises(Unavailable):
        database.check()
    database.check()
    engine.dispose()


def test_nobody_listening_is_unavailable(vault: Vault) -> None:
    url = f"postgresql://somebody:secret@127.0.0.1:{free_port()}/nowhere"
    database = PostgresDatabase(connect(url), vault.sealer, vault.index)
    with pytest.raises(Unavailable) as failure:
        database.check()
    assert "secret" not in told(failure.value)


@pytest.fixture
def private() -> Iterator[PrivatePostgres]:
    """A server to be killed."""
    with PrivatePostgres(wheel_binaries()) as server:
        yield server


def test_after_a_crash_everything_committed_is_there_and_the_pool_recovers(
    private: PrivatePostgres,
) -> None:
    vault = Vault(private.new_database(migrated))
    patient = vault.patient()
    vault.post(vault.letter(patient))
    vault.receive(vault.message(patient.subject, "kept"))
    unit = vault.database.begin(Transaction.CONVERSE)
    unit.__enter__().inbox.add([vault.message(patient.subject, "lost")])
    private.kill()
    with pytest.raises(Unavailable):
        unit.__exit__(None, None, None)
    with pytest.raises(Unavailable):
        vault.database.check()
    private.start()
    with vault.database.begin(Transaction.CONVERSE) as work:
        [claimed] = work.conversations.claim([patient.subject], vault.new_id)
        assert [update.content for update in claimed.pending] == [b"kept"]
        assert len(work.outbox.lease(10)) == 1
    vault.close()
