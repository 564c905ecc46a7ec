"""An operator, and a namespace whose cluster knows the kind MedicalVault."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from medvault_operator.api.crd import definition
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.operators import Operator


@pytest.fixture(scope="module")
def defined(namespace: Kubectl) -> Kubectl:
    """A namespace of a cluster that knows the kind."""
    namespace.apply(definition())
    namespace.run("wait", "--for=condition=Established", "crd/medicalvaults.medvault.dev")
    return namespace


@pytest.fixture
def replica(defined: Kubectl) -> Iterator[Callable[[str], Operator]]:
    """Starts replicas by name, which end with the test."""
    with ExitStack() as running:
        yield lambda identity: running.enter_context(Operator(defined, identity))
