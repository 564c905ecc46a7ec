"""The cluster that tests speak to: one that a context names, or an API server of their own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex

from support.kubernetes.api_server import CONTEXT, PrivateApiServer
from support.kubernetes.etcd import PrivateEtcd
from support.kubernetes.kubectl import Kubectl

VARIABLE = "MEDVAULT_E2E_CONTEXT"


@contextmanager
def api() -> Iterator[Kubectl]:
    """An administrator's kubectl; MissingServerError says what is missing for it."""
    if context := os.environ.get(VARIABLE):
        yield Kubectl(context)
    else:
        with PrivateEtcd() as etcd, PrivateApiServer(etcd) as server:
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
