"""A cluster on which releases of the chart are made and removed."""

from collections.abc import Iterator

import pytest

from support.kubernetes.kubectl import Kubectl, RefusedError
from support.kubernetes.programs import installed
from support.kubernetes.release import HELMS, Release
from support.servers.machine import MissingServerError

DEFINITION = "crd/medicalvaults.medvault.dev"


@pytest.fixture(scope="module")
def empty(namespace: Kubectl) -> Iterator[Kubectl]:
    """A cluster without vaults; one in use is left alone."""
    try:
        used = namespace.run("get", "medicalvaults", "-A", "-o", "name")
    except RefusedError:
        used = ""
    if used:
        pytest.skip("the cluster has vaults")
    yield namespace
    forget(namespace)


@pytest.fixture(params=HELMS)
def release(request: pytest.FixtureRequest, empty: Kubectl) -> Iterator[Release]:
    """A release that is not installed yet, by each Helm that is here."""
    try:
        installed(request.param)
    except MissingServerError:
        pytest.skip(f"{request.param} is not installed")
    forget(empty)
    found = Release(empty, request.param)
    yield found
    if empty.run("get", "secrets", "-l", "owner=helm", "-o", "name"):
        found.uninstall()


def forget(kubectl: Kubectl) -> None:
    """Have the cluster know nothing of vaults."""
    kubectl.run("delete", DEFINITION, "--ignore-not-found", "--timeout=30s")
