"""Reading the objects that belong to a vault."""

from collections.abc import Collection

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.kube.api import Api
from medvault_operator.kube.kinds import OPTIONAL, WATCHED
from medvault_operator.vault import labels
from medvault_operator.world.children import Children, key_of
from medvault_operator.world.manifest import Manifest


def children(api: Api, vault: MedicalVault, served: Collection[str]) -> Children:
    """Return all objects that this very vault owns; read optional kinds if they are `served`."""
    kinds = (*WATCHED, *(kind for kind in OPTIONAL if kind.api in served))
    found = (child for kind in kinds for child in api.list(kind, vault.namespace, selector(vault)))
    return {key_of(child): child for child in found if _owned(child, vault)}


def selector(vault: MedicalVault) -> str:
    """Return the label selector of a vault's objects and pods."""
    return f"{labels.MANAGED_BY}={labels.MANAGER},{labels.INSTANCE}={vault.name}"


def _owned(child: Manifest, vault: MedicalVault) -> bool:
    owners = child["metadata"].get("ownerReferences", ())
    return any(owner["uid"] == vault.metadata.uid for owner in owners)
