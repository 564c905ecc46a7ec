"""Work that only reads does so without a transaction, and leaves its connection as it was."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from medvault.domain.errors import Unavailable
from medvault.domain.identifiers import LaneId
from medvault.ports.transactions import Transaction
from support.vaults import OwnDatabase, Vault

IN_TRANSACTION = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction'
"""
END = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND usename = :user
"""


def test_reading_opens_no_transaction(vault: Vault) -> None:
    subject = LaneId(uuid4())
    vault.receive(vault.message(subject))
    with vault.database.begin(Transaction.LOOK_AGAIN) as work:
        assert work.inbox.waiting([subject]) == [subject]
        with vault.admin.connect() as admin:
            assert admin.execute(text(IN_TRANSACTION)).scalar_one() == 0


def test_a_connection_that_was_read_on_rolls_back_as_ever(vault: Vault) -> None:
    database = vault.worker(pool_size=1)
    with database.begin(Transaction.LOOK_AGAIN) as work:
        assert work.inbox.waiting([LaneId(uuid4())]) == []
    with pytest.raises(TypeError):
        fail_after_writing(vault, database)
    assert vault.one("SELECT count(*) FROM inbox") == 0


def fail_after_writing(vault: Vault, database: OwnDatabase) -> None:
    """Writes, and raises before the commit."""
    with database.begin() as work:
        work.inbox.add([vault.message(LaneId(uuid4()))])
        raise TypeError


def test_a_connection_that_ends_while_it_is_read_on_is_unavailable_and_the_next_one_is_not(
    vault: Vault,
) -> None:
    with pytest.raises(Unavailable):
        read_on_a_connection_that_ends(vault)
    with vault.database.begin(Transaction.LOOK_AGAIN) as work:
        assert work.inbox.waiting([LaneId(uuid4())]) == []


def read_on_a_connection_that_ends(vault: Vault) -> None:
    """The server ends all connections of the service before it is asked."""
    with vault.database.begin(Transaction.LOOK_AGAIN) as work:
        with vault.admin.connect() as admin:
            user = {"user": vault.engine.url.username}
            assert admin.execute(text(END), user).scalar_one() >= 1
        work.inbox.waiting([LaneId(uuid4())])
