"""The API server takes every object that the operator makes, under the level `restricted`."""

import itertools
import secrets as randomness

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.world.manifest import Manifest
from support.kubernetes.kubectl import Kubectl
from support.medical_vaults import VAULTS
from support.worlds import children, furnished, missing

NOT_OF_KUBERNETES = {"HTTPRoute", "ScaledObject", "ServiceMonitor"}


def here(manifest: Manifest, namespace: str) -> Manifest:
    """The object in the test's namespace."""
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}


@pytest.mark.parametrize("vault", VAULTS.values(), ids=VAULTS)
def test_every_object_is_taken(namespace: Kubectl, vault: MedicalVault) -> None:
    made = children(vault) + missing(vault, furnished(vault, secrets={}), randomness.token_bytes)
    for manifest in made:
        if manifest["kind"] not in NOT_OF_KUBERNETES:
            taken = namespace.apply(here(manifest, namespace.namespace), "--dry-run=server")
            assert taken["metadata"]["name"] == manifest["metadata"]["name"]


@pytest.mark.parametrize("vault", VAULTS.values(), ids=VAULTS)
def test_every_pod_is_admitted_as_restricted(namespace: Kubectl, vault: MedicalVault) -> None:
    numbers = itertools.count()
    made = children(vault)
    (account,) = [one for one in made if one["kind"] == "ServiceAccount"]
    namespace.apply(without_owner(here(account, namespace.namespace)))
    for manifest in made:
        template = manifest.get("spec", {}).get("template")
        if template is not None:
            pod = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"trial-{next(numbers)}"},
                "spec": {**without_claims(template["spec"]), "serviceAccountName": vault.name},
            }
            assert namespace.apply(pod, "--dry-run=server")["status"]["phase"] == "Pending"


def without_owner(manifest: Manifest) -> Manifest:
    """The object without its vault, which is not there."""
    metadata = {
        name: value for name, value in manifest["metadata"].items() if name != "ownerReferences"
    }
    return {**manifest, "metadata": metadata}


def without_claims(spec: Manifest) -> Manifest:
    """A pod by itself has no claims and no priority class of the clinic's."""
    names = {volume["name"] for volume in spec["volumes"]}
    kept = {name: value for name, value in spec.items() if name != "priorityClassName"}
    lacking = {
        mount["name"]
        for container in [*spec.get("initContainers", []), *spec["containers"]]
        for mount in container["volumeMounts"]
        if mount["name"] not in names
    }
    empty = [{"name": name, "emptyDir": {}} for name in sorted(lacking)]
    return {**kept, "volumes": [*spec["volumes"], *empty]}
