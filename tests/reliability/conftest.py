"""The promises of docs/reliability.md, tried out: small in `make test`, at full size on request.

Each test is a claim. Its outcome, its time and the figures that it measured go into
`build/reliability.json`.
"""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.claims import Claims
from support.stack.crashing import PROGRAM
from support.stack.environment import NewServers
from support.stack.forking import forking
from support.stack.service import Spawn
from support.stack.stack import Stack, running_stack

FULL = "MEDVAULT_TEST_FULL"
CLAIMS = Claims(Path("build/reliability.json"))

collect_ignore = [] if os.environ.get(FULL) else ["test_document_order.py"]
"""Its small form is `tests/integration/postgres/test_document_order.py`."""


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether everything is tried at full size, as `make reliability` does."""
    return os.environ.get(FULL, "") not in ("", "0")


@pytest.fixture(scope="module")
def spawn() -> Iterator[Spawn]:
    """Processes are forked from one that has imported everything."""
    with forking() as spawn:
        yield spawn


@pytest.fixture(scope="module")
def stack(
    new_servers: NewServers,
    tmp_path_factory: pytest.TempPathFactory,
    spawn: Spawn,
) -> Iterator[Stack]:
    """medvault whose processes die of certain words."""
    folder = tmp_path_factory.mktemp("poison")
    with (
        new_servers() as servers,
        running_stack(servers, folder, program=PROGRAM, spawn=spawn) as running,
    ):
        yield running


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """Keeps what a test measured: `figures(recovery_s=1.2, lost=0)`."""
    measured: dict[str, Any] = {}
    yield measured.update
    CLAIMS.measure(request.node, measured)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes how each claim fared."""
    report = yield
    CLAIMS.note(report)
    return report


def pytest_sessionfinish() -> None:
    """Writes the claims."""
    CLAIMS.keep()
