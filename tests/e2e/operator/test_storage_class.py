"""A cluster that makes no volumes is told of, until it does."""

import pytest

from medvault_operator.api.v1alpha1.whatsapp import SECRET_KEYS
from support.kubernetes.live_vault import LiveVault, spec_of


def test_a_cluster_without_storage_class_is_told_of_and_one_that_gets_it_is_seen(
    vault: LiveVault, bare: bool, request: pytest.FixtureRequest
) -> None:
    if not bare:
        pytest.skip("this cluster has a StorageClass, which others use")
    vault.secret(f"{vault.name}-whatsapp", *SECRET_KEYS)
    vault.apply(spec_of(vault))
    said = vault.says("Degraded", "True", "NoStorageClass")
    assert "StorageClass" in said["message"]
    request.getfixturevalue("furnished")
    vault.says("Degraded", "False")
