"""The ServiceAccount of the services: no rights in the cluster, but an identity in the cloud."""

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.objects import owned
from medvault_operator.world.manifest import Manifest


def service_account(vault: MedicalVault) -> Manifest:
    """Return the account, with the annotations by which clouds give an identity."""
    account = owned("ServiceAccount", vault, automountServiceAccountToken=False)
    if annotations := vault.spec.service_account_annotations:
        account["metadata"]["annotations"] = dict(annotations)
    return account
