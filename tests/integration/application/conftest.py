"""A clinic for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from pydantic import SecretStr

from medvault.application.patient_desk import PatientDesk
from medvault.bootstrap import foundation
from medvault.bootstrap.desk import make_patient_desk
from support.clinic.clinic import Clinic
from support.clinic.letters import Letters
from support.clinic.tables import ClinicTables
from support.servers.postgres import Postgres
from support.simulated import Simulator, simulated_whatsapp
from support.vaults import PASSWORD, as_user

Desk = Callable[[str], PatientDesk]


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


@pytest.fixture
def logins(clinic: Clinic) -> Iterator[list[str]]:
    """Two people of the desk, with a login each."""
    names = [f"desk_{token_hex(4)}" for _ in range(2)]
    for name in names:
        clinic.tables.rows(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        clinic.tables.rows(f"GRANT medvault_desk TO {name}")
    yield names
    for name in names:
        clinic.tables.rows(f"DROP ROLE {name}")


@pytest.fixture
def desk(clinic: Clinic) -> Iterator[Desk]:
    """The desk, as the one who has this login sees it."""
    bases = []

    def logged_in(name: str) -> PatientDesk:
        url = SecretStr(as_user(clinic.tables.admin_url, name))
        settings = clinic.base.settings.model_copy(update={"database_url": url})
        bases.append(foundation.Foundation(settings))
        return make_patient_desk(bases[-1])

    yield logged_in
    for base in bases:
        base.close()
