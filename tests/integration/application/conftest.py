"""A clinic for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.clinic.clinic import Clinic
from support.clinic.letters import Letters
from support.clinic.tables import ClinicTables
from support.servers.postgres import Postgres
from support.simulated import Simulator, simulated_whatsapp


@pytest.fixture
def tables(postgres_wheel: Postgres) -> Iterator[ClinicTables]:
    """A migrated database."""
    tables = ClinicTables(postgres_wheel)
    yield tables
    tables.drop()


@pytest.fixture
def clinic(tables: ClinicTables, tmp_path: Path) -> Iterator[Clinic]:
    """The use cases without WhatsApp."""
    clinic = Clinic(tables, tmp_path / "files")
    yield clinic
    clinic.close()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """WhatsApp without limits to its rates."""
    with simulated_whatsapp(messages_per_second=0, pair_seconds=0) as simulator:
        yield simulator


@pytest.fixture
def online(tables: ClinicTables, tmp_path: Path, simulator: Simulator) -> Iterator[Clinic]:
    """The use cases, connected to the simulator."""
    clinic = Clinic(tables, tmp_path / "files", simulator.url)
    yield clinic
    clinic.close()


@pytest.fixture
def letters(online: Clinic, simulator: Simulator) -> Letters:
    """Letters to people in the simulator."""
    return Letters(online, simulator)
