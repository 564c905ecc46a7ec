"""A migrated vault on each PostgreSQL, a copy of it for every test."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.servers.postgres import Postgres
from support.vaults import Vault, migrated


@pytest.fixture
def vault(postgres: Postgres) -> Iterator[Vault]:
    """An empty vault."""
    url = postgres.new_database(migrated)
    vault = Vault(url)
    yield vault
    vault.close()
    postgres.drop_database(url)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads that stand for as many workers."""
    with ThreadPoolExecutor(16) as pool:
        yield pool
