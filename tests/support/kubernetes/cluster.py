"""An API server of the tests' own, and namespaces of their own in any cluster."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from secrets import token_hex

from support.kubernetes.api_server import CONTEXT, PrivateApiServer
from support.kubernetes.etcd import PrivateEtcd
from support.kubernetes.kubectl import Kubectl


@contextmanager
def api() -> Iterator[Kubectl]:
    """An administrator's kubectl; MissingServerError says what is missing for it."""
    with ExitStack() as running:
        etcd = running.enter_context(PrivateEtcd())
        server = running.enter_context(PrivateApiServer(etcd))
        yield Kubectl(CONTEXT, kubeconfig=server.kubeconfig)


@contextmanager
def namespace(kubectl: Kubectl) -> Iterator[Kubectl]:
    """A namespace of one's own under the `restricted` pod security level; gone at the end."""
    name = f"medvault-test-{token_hex(4)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    kubectl.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    )
    yield replace(kubectl, namespace=name)
    kubectl.run("delete", "namespace", name, "--wait=false")
