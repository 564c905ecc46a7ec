"""Attacks on medvault: a few of each in `make test`, at full size in `make security`.

Each has its control: the same attack without its mend, which must succeed.
"""

import os
from pathlib import Path

import pytest

from support.attacks import Attacks

FULL = "MEDVAULT_TEST_FULL"
ATTACKS = Attacks(Path("build/security.json"))


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether everything is tried at full size, as `make security` does."""
    return os.environ.get(FULL, "") not in ("", "0")


@pytest.fixture(scope="session")
def attacks() -> Attacks:
    """Keeps how many attacks were tried, and how many succeeded."""
    return ATTACKS


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes what was counted; a run of everything fails where a figure is missing."""
    ATTACKS.keep()
    everything = os.environ.get(FULL) and not session.config.getoption("keyword")
    if everything and ATTACKS.missing() and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table, where everything was tried."""
    if os.environ.get(FULL):
        terminalreporter.section("attacks (last column: without the mend)")
        for line in ATTACKS.table():
            terminalreporter.write_line(line)
