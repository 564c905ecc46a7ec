"""A change reaches the tests of whatever imports it, or starts it as a process."""

import pytest

from lanes.reach import UNIT, Reach


@pytest.fixture(scope="module")
def reach() -> Reach:
    return Reach()


def rooms(files: list[str]) -> set[str]:
    return {file.split("/")[2].removesuffix(".py") for file in files}


REACHED = {
    "services/medvault/adapters/s3/store.py": {"s3", "test_object_stores", "stack"},
    "services/medvault/adapters/postgres/media.py": {"postgres", "application", "stack"},
    "services/medvault/simulator/chat.html": {"simulator", "demo"},
    "services/medvault/cli/migration.py": {"stack", "demo"},
    "services/medvault/examine.py": {"examination", "stack"},
    "services/medvault/adapters/postgres/migrations/versions/0001_vault.py": {"postgres", "stack"},
    "services/medvault/adapters/s3/deleted.py": {"s3", "stack"},
    "tests/integration/worker/deleted.py": {"worker"},
    "tests/chaos/checker/__main__.py": {"chaos"},
    "tests/integration/worker/conftest.py": {"worker"},
    "tests/support/servers/clamd.py": {"servers", "examination", "stack"},
    "charts/vault/values.yaml": {"chart"},
    "docs/simulator.md": {"demo"},
}
SPARED = {
    "services/medvault/adapters/s3/store.py": {"postgres", "simulator", "whatsapp", "chart"},
    "services/medvault/simulator/chat.html": {"postgres", "s3", "chart"},
    "tests/integration/worker/conftest.py": {"stack", "postgres", "demo"},
    "charts/vault/values.yaml": {"stack", "postgres", "demo"},
}


@pytest.mark.parametrize("changed", REACHED)
def test_a_change_reaches(reach: Reach, changed: str) -> None:
    found = rooms(reach.tests([changed]))
    assert found >= REACHED[changed]
    assert not found & SPARED.get(changed, set())


def test_a_change_of_a_test_reaches_that_test_alone(reach: Reach) -> None:
    changed = "tests/integration/s3/test_store.py"
    assert reach.tests([changed]) == [changed]


def test_what_all_tests_stand_on_reaches_all_of_them(reach: Reach) -> None:
    everything = reach.tests(["uv.lock"])
    assert everything == reach.tests(["tests/conftest.py"])
    assert len(everything) > 80


def test_unit_tests_are_reached_for_whoever_asks_for_them(reach: Reach) -> None:
    found = reach.tests(["services/medvault/domain/understanding/dates.py"], UNIT)
    assert "tests/unit/medvault/domain/understanding/test_dates.py" in found
    assert "tests/unit/medvault/domain/test_line.py" not in found
    assert all(file.startswith("tests/unit/") for file in found)


def test_a_page_is_read_by_unit_tests_alone(reach: Reach) -> None:
    assert reach.tests(["docs/architecture.md", "README.md"]) == []
    assert "tests/unit/docs/test_pages.py" in reach.tests(["docs/architecture.md"], UNIT)
    assert reach.tests(["LICENSE"], UNIT) == []
