"""Fixtures of the tests against a Kubernetes API, and the table of their claims at the end.

Each test that takes `figures` is a claim; its outcome goes into `build/e2e.json`.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from support.claims import Claims, note_words
from support.cluster.target import Say, Target, target
from support.cluster.tools import MissingToolsError
from support.kubernetes import cluster
from support.kubernetes.kubectl import Kubectl
from support.servers.machine import MissingServerError

CLAIMS = Claims(Path("build/e2e.json"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what concerns the cluster."""
    text = "leave the cluster and what is in it, and use them again the next time"
    parser.addoption("--keep", action="store_true", help=text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the words of claims."""
    note_words(items)


@pytest.fixture(scope="session")
def say(request: pytest.FixtureRequest) -> Say:
    """Prints a line while tests run."""
    plugins = request.config.pluginmanager
    terminal, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")
    assert terminal is not None
    assert capture is not None

    def told(line: str) -> None:
        with capture.global_and_fixture_disabled():
            terminal.write_line(f"  {line}")
            terminal.flush()

    return told


@pytest.fixture(scope="session")
def keep(request: pytest.FixtureRequest) -> bool:
    """Whether all of it is left for the next time."""
    return bool(request.config.getoption("--keep"))


@pytest.fixture(scope="session")
def nodes(say: Say, *, keep: bool) -> Iterator[Target]:
    """The cluster; without the programs for it all ends, with a word about how to get them."""
    try:
        with target(say, keep=keep) as found:
            yield found
    except MissingToolsError as error:
        pytest.exit(str(error), returncode=2)


@pytest.fixture(scope="session")
def kubectl(request: pytest.FixtureRequest) -> Iterator[Kubectl]:
    """An administrator's kubectl for what needs no nodes: nobody else's cluster, where possible."""
    with ExitStack() as running:
        try:
            found = running.enter_context(cluster.api())
        except MissingServerError:
            found = request.getfixturevalue("nodes").kubectl()
        yield found


@pytest.fixture(scope="module")
def namespace(kubectl: Kubectl) -> Iterator[Kubectl]:
    """The same in a namespace of the module's own."""
    with cluster.namespace(kubectl) as found:
        yield found


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """Keeps what a test measured: `figures(takeover_s=16.2)`."""
    measured: dict[str, Any] = {}
    yield measured.update
    CLAIMS.measure(request.node, measured)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes how each claim fared, and keeps it, however the rest of the run ends."""
    report = yield
    if "figures" in getattr(item, "fixturenames", ()):
        CLAIMS.note(report)
        CLAIMS.keep()
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells all claims."""
    lines = list(CLAIMS.table())
    if lines:
        terminalreporter.section("claims")
        terminalreporter.write("".join(f"{line}\n" for line in lines))
