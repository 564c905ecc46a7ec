"""What the tests against a Kubernetes API stand on."""

from collections.abc import Iterator

import pytest

from support.kubernetes import cluster
from support.kubernetes.kubectl import Kubectl


@pytest.fixture(scope="session")
def kubectl() -> Iterator[Kubectl]:
    """An administrator's kubectl."""
    with cluster.api() as found:
        yield found


@pytest.fixture(scope="module")
def namespace(kubectl: Kubectl) -> Iterator[Kubectl]:
    """The same in a namespace of the module's own."""
    with cluster.namespace(kubectl) as found:
        yield found
