"""The promises of docs/reliability.md, tried out: small in `make test`, at full size on request.

Each test is a claim. Its outcome, its time and the figures that it measured go into
`build/reliability.json`.
"""

import json
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

FULL = "MEDVAULT_TEST_FULL"
RESULT = Path("build/reliability.json")
CLAIMS = pytest.StashKey[dict[str, dict[str, Any]]]()


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether everything is tried at full size, as `make reliability` does."""
    return os.environ.get(FULL, "") not in ("", "0")


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """Keeps what a test measured: `figures(recovery_s=1.2, lost=0)`."""
    measured: dict[str, Any] = {}
    yield measured.update
    _claim(request.config, request.node.nodeid).update(figures=measured)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes how each claim fared."""
    report = yield
    claim = _claim(item.config, item.nodeid)
    claim["seconds"] = round(claim.get("seconds", 0.0) + report.duration, 1)
    claim["passed"] = claim.get("passed", True) and not report.failed
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the claims, those of earlier runs kept."""
    if claims := session.config.stash.get(CLAIMS, None):
        RESULT.parent.mkdir(exist_ok=True)
        earlier = json.loads(RESULT.read_text()) if RESULT.exists() else {}
        RESULT.write_text(json.dumps(earlier | claims, indent=2) + "\n")


def _claim(config: pytest.Config, nodeid: str) -> dict[str, Any]:
    name = nodeid.rpartition("/")[2]
    return config.stash.setdefault(CLAIMS, {}).setdefault(name, {})
