"""A cluster on which releases of the chart are made and removed."""

from collections.abc import Iterator

import pytest

from support.kubernetes.kubectl import Kubectl
from support.kubernetes.release import HELMS, Release

DEFINITION = "crd/medicalvaults.medvault.dev"


@pytest.fixture(scope="module")
def empty(namespace: Kubectl) -> Iterator[Kubectl]:
    """A cluster that knows nothing of vaults; one that may be in use is left alone."""
    known = namespace.run("get", DEFINITION, "--ignore-not-found", "-o", "name")
    if known and namespace.kubeconfig is None:
        pytest.skip("the cluster knows MedicalVault already: somebody may use it")
    forget(namespace)
    yield namespace
    forget(namespace)


@pytest.fixture(params=HELMS)
def release(request: pytest.FixtureRequest, empty: Kubectl) -> Iterator[Release]:
    """A release that is not installed yet, by each Helm that is supported."""
    forget(empty)
    found = Release(empty, request.param)
    yield found
    if empty.run("get", "secrets", "-l", "owner=helm", "-o", "name"):
        found.uninstall()


def forget(kubectl: Kubectl) -> None:
    """Have the cluster know nothing of vaults."""
    kubectl.run("delete", DEFINITION, "--ignore-not-found", "--timeout=30s")
