"""One medvault for all of these tests; each brings patients of its own."""

from collections.abc import Generator, Iterator

import pytest

from support.stack.environment import NewServers
from support.stack.forking import forking
from support.stack.service import Spawn
from support.stack.stack import Stack, running_stack


@pytest.fixture(scope="session", autouse=True)
def spawn() -> Iterator[Spawn]:
    """Processes and commands are forked from one that has imported everything."""
    with forking() as spawn:
        yield spawn


@pytest.fixture(scope="session")
def stack(
    new_servers: NewServers,
    tmp_path_factory: pytest.TempPathFactory,
    spawn: Spawn,
) -> Iterator[Stack]:
    """API and workers on servers that are shared with other tests."""
    with (
        new_servers() as servers,
        running_stack(servers, tmp_path_factory.mktemp("stack"), spawn=spawn) as running,
    ):
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows how the logs of the processes end where a test failed."""
    report = yield
    if report.failed:
        found = [getattr(value, "stack", value) for value in item.funcargs.values()]
        for stack in [value for value in found if isinstance(value, Stack)]:
            report.sections += [(f"log of {name}", tail) for name, tail in stack.tails()]
    return report
