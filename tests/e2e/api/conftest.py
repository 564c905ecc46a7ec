"""A cluster that knows the kind MedicalVault."""

import pytest

from medvault_operator.api.crd import definition
from support.kubernetes.kubectl import Kubectl


@pytest.fixture(scope="module")
def defined(namespace: Kubectl) -> Kubectl:
    """A namespace of a cluster that knows the kind; where a chart brought it, it is left alone."""
    name = definition()["metadata"]["name"]
    if not namespace.run("get", "crd", name, "--ignore-not-found", "-o", "name"):
        namespace.apply(definition())
    namespace.await_definition(name)
    return namespace
