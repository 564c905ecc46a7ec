"""Namespaces of the tests' own, so that nobody else's installation is taken for ours."""

from support.cluster.objects import get
from support.kubernetes.kubectl import Kubectl

_MARK = {"app.kubernetes.io/managed-by": "medvault-e2e"}
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


class OccupiedError(Exception):
    """A namespace that the tests need belongs to somebody else; the text says which."""


def claim(kubectl: Kubectl) -> None:
    """Make the namespace of `kubectl`, under the `restricted` level, or find that it is ours."""
    name = kubectl.namespace
    found = get(kubectl, "namespace", name)
    if found is not None and not _MARK.items() <= found["metadata"]["labels"].items():
        raise OccupiedError(f"The namespace {name} is somebody else's: name another cluster.")
    metadata = {"name": name, "labels": {**_MARK, **_RESTRICTED}}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
