"""The kustomizations are applied as docs/kubernetes.md says, and are taken as a whole."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from support.kubernetes.kubectl import Kubectl
from support.kubernetes.programs import ROOT

SERVER_SIDE = ("apply", "--server-side", "--force-conflicts")
CLUSTER_WIDE = (
    "clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings"
)
DEFINITION = "medicalvaults.medvault.dev"


@pytest.fixture
def cluster(empty: Kubectl) -> Iterator[Kubectl]:
    """A cluster that has no vaults, where namespaces of any name may be made."""
    if empty.kubeconfig is None:
        pytest.skip("namespaces of these names may be in use in this cluster")
    yield replace(empty, namespace="")
    empty.run("delete", CLUSTER_WIDE, "-l", "app.kubernetes.io/part-of=medvault")
    empty.run("delete", "crd", DEFINITION)


@pytest.mark.parametrize("overlay", ["overlays/kind", "overlays/production"])
def test_a_new_cluster_takes_all_of_it(cluster: Kubectl, overlay: str) -> None:
    cluster.run(*SERVER_SIDE, "-k", str(ROOT / "charts" / "vault" / "crd"))
    cluster.await_definition(DEFINITION)
    applied = cluster.run(*SERVER_SIDE, "-k", str(ROOT / "k8s" / overlay), "-o", "name")
    assert "medicalvault.medvault.dev/vault" in applied
    assert "deployment.apps/medvault-operator" in applied
