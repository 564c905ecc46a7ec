"""An operator, and a namespace whose cluster knows the kind MedicalVault."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count

import pytest

from medvault_operator.api.crd import definition
from medvault_operator.api.v1alpha1.whatsapp import SECRET_KEYS
from medvault_operator.kube.api import Api
from medvault_operator.kube.kinds import NODE
from support.kubernetes import access
from support.kubernetes.controllers import Controllers
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.live_vault import LiveVault
from support.kubernetes.operators import Operator
from support.medical_vaults import MANAGED
from support.servers.waiting import wait_until

NUMBERS = count(1)
CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {
        "name": "standard",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    },
    "provisioner": "example.com/none",
}


@pytest.fixture(scope="module")
def defined(namespace: Kubectl) -> Kubectl:
    """A namespace of a cluster that knows the kind."""
    namespace.apply(definition())
    namespace.await_definition("medicalvaults.medvault.dev")
    return namespace


@pytest.fixture(scope="module")
def api(defined: Kubectl) -> Api:
    """The operator's way to the cluster, with an administrator's rights."""
    return access.api(defined)


@pytest.fixture(scope="module")
def bare(api: Api) -> bool:
    """Whether there are no nodes, so that no pod will ever run and nobody makes volumes."""
    return not api.list(NODE)


@pytest.fixture(scope="module")
def furnished(api: Api, bare: bool, defined: Kubectl) -> Iterator[Kubectl]:
    """A namespace in which volumes can be made and pods seem to run, if they don't."""
    with ExitStack() as playing:
        if bare:
            defined.apply(CLASS)
            playing.enter_context(Controllers(api, defined.namespace))
        yield defined
        if bare:
            defined.run("delete", "storageclass", "standard")


@pytest.fixture
def replica(defined: Kubectl) -> Iterator[Callable[[str], Operator]]:
    """Starts replicas by name, which end with the test."""
    with ExitStack() as running:
        yield lambda identity: running.enter_context(Operator(defined, identity))


@pytest.fixture(scope="module")
def operator(defined: Kubectl) -> Iterator[Operator]:
    """An operator for a whole module."""
    with Operator(defined) as running:
        wait_until(running.leads, seconds=30, what="the operator leading")
        yield running


@pytest.fixture
def vault(api: Api, defined: Kubectl, operator: Operator) -> Iterator[LiveVault]:
    """A vault's place, where nothing is yet."""
    vault = LiveVault(api, defined.namespace, f"trial-{next(NUMBERS)}")
    yield vault
    defined.run("delete", "medicalvault", vault.name, "--ignore-not-found", "--wait=false")


@pytest.fixture(scope="module")
def settled(api: Api, furnished: Kubectl, operator: Operator) -> LiveVault:
    """A vault on which nothing is left to do, with all that can be managed."""
    vault = LiveVault(api, furnished.namespace, "clinic")
    vault.secret("whatsapp", *SECRET_KEYS)
    vault.apply({**MANAGED, "cache": {"managed": {}}})
    wait_until(vault.settled, seconds=60, what="the vault being settled", every=0.2)
    return vault
