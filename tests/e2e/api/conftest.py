"""A cluster that knows the kind MedicalVault."""

import pytest

from medvault_operator.api.crd import definition
from support.kubernetes.kubectl import Kubectl


@pytest.fixture(scope="module")
def defined(namespace: Kubectl) -> Kubectl:
    """A namespace of a cluster that knows the kind."""
    namespace.apply(definition())
    namespace.run("wait", "--for=condition=Established", "crd/medicalvaults.medvault.dev")
    return namespace
