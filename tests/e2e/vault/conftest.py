"""A cluster with nodes, the operator from its chart, and a clinic that patients write to."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import pytest

from support.cluster import operator as operators
from support.cluster import site as clinics
from support.cluster.evidence import collect
from support.cluster.images import LoadedImage, load
from support.cluster.operator import InstalledOperator
from support.cluster.site import Clinic
from support.cluster.target import Say, Target
from support.kubernetes.kubectl import Kubectl

NAMESPACES = (operators.NAMESPACE, clinics.NAMESPACE)
AVAILABLE = 600.0
"""Seconds within which a whole clinic must be up, images being there."""


@pytest.fixture(scope="session")
def services(nodes: Target, say: Say) -> LoadedImage:
    """The services' image."""
    return load("services", nodes, say)


@pytest.fixture(scope="session")
def operator(
    nodes: Target, services: LoadedImage, say: Say, *, keep: bool
) -> Iterator[InstalledOperator]:
    """The operator, two replicas of it."""
    found = InstalledOperator(nodes, load("operator", nodes, say), services)
    with _collecting(nodes, say, "installation"):
        say("Installing the chart.")
        found.install()
    yield found
    if not keep:
        found.uninstall()


@pytest.fixture(scope="session")
def clinic(nodes: Target, operator: InstalledOperator, say: Say, *, keep: bool) -> Iterator[Clinic]:
    """The clinic, with everything in place."""
    with ExitStack() as stack:
        with _collecting(nodes, say, "clinic"):
            opened = clinics.opened(nodes, operator.services, say, seconds=AVAILABLE)
            found = stack.enter_context(opened)
        yield found
    if not keep:
        nodes.kubectl().run("delete", "namespace", clinics.NAMESPACE, seconds=AVAILABLE)


@pytest.fixture(scope="session")
def newer_image(nodes: Target, say: Say) -> LoadedImage:
    """The same services by another name."""
    return load("services", nodes, say, revision="e2e-next")


@pytest.fixture
def newer(clinic: Clinic, services: LoadedImage, newer_image: LoadedImage) -> LoadedImage:
    """An image to roll out: the one of the two that does not run."""
    return services if newer_image.name in clinic.images() else newer_image


@pytest.fixture(autouse=True)
def evidence(nodes: Target, say: Say) -> Callable[[str, tuple[str, ...]], None]:
    """Keeps, under a name, what the cluster tells of some namespaces."""
    return partial(_collect, nodes, say)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps what the cluster tells of a test that fails, while all of it is still there."""
    report = yield
    if report.failed and report.when == "call":
        own = [one.namespace for one in item.funcargs.values() if isinstance(one, Kubectl)]
        evidence: Any = item.funcargs["evidence"]
        evidence(item.name, (*NAMESPACES, *own))
    return report


@contextmanager
def _collecting(nodes: Target, say: Say, name: str) -> Iterator[None]:
    try:
        yield
    except Exception:
        _collect(nodes, say, name, NAMESPACES)
        raise


def _collect(nodes: Target, say: Say, name: str, namespaces: tuple[str, ...]) -> None:
    say(f"Logs, events and objects are in {collect(nodes, namespaces, name)}/.")
