"""Without any event of the cluster, a vault is looked after all the same, within 30 seconds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from medvault_operator.api.v1alpha1.whatsapp import SECRET_KEYS
from medvault_operator.kube.api import Api
from support.kubernetes.access import account
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.live_vault import WITHIN, LiveVault, spec_of
from support.kubernetes.operators import Operator
from support.servers.waiting import wait_until

NAME = "blind-operator"
NO_WATCH = ["get", "list", "create", "update", "patch", "delete"]


def rights(namespace: str) -> list[dict[str, Any]]:
    """A ServiceAccount that may do everything in its namespace but watch."""
    api, named = "rbac.authorization.k8s.io/v1", {"metadata": {"name": NAME}}
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": namespace}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "name": NAME}
    rules = {
        "Role": [{"apiGroups": ["*"], "resources": ["*"], "verbs": NO_WATCH}],
        "ClusterRole": [
            {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]},
            {"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": ["list"]},
        ],
    }
    made: list[dict[str, Any]] = [{"apiVersion": "v1", "kind": "ServiceAccount", **named}]
    for kind, allowed in rules.items():
        made.append({"apiVersion": api, "kind": kind, **named, "rules": allowed})
        bound = {"subjects": [subject], "roleRef": reference | {"kind": kind}}
        made.append({"apiVersion": api, "kind": f"{kind}Binding", **named, **bound})
    return made


@pytest.fixture
def blind(furnished: Kubectl, tmp_path: Path) -> Iterator[Operator]:
    """An operator that no event reaches."""
    for manifest in rights(furnished.namespace):
        furnished.apply(manifest)
    with Operator(account(furnished, NAME, tmp_path)) as running:
        wait_until(running.leads, seconds=30, what="the operator leading")
        yield running
    for kind in ("clusterrole", "clusterrolebinding"):
        furnished.run("delete", kind, NAME)


def test_vaults_are_found_and_drift_is_put_back_by_looking_again(
    api: Api, furnished: Kubectl, blind: Operator
) -> None:
    vault = LiveVault(api, furnished.namespace, "unseen")
    vault.secret("unseen-whatsapp", *SECRET_KEYS)
    vault.apply(spec_of(vault))
    wait_until(vault.settled, seconds=90, what="the vault being settled", every=0.2)
    child = vault.child("Deployment", "api")
    assert child is not None
    api.delete(child)
    wait_until(
        lambda: vault.child("Deployment", "api"), seconds=WITHIN, what="the Deployment put back"
    )
    wait_until(lambda: complained(blind), seconds=30, what="a word on the events")
    assert blind.metric("medvault_operator_watching") == 0
    assert blind.ready()


def complained(operator: Operator) -> bool:
    """Whether it said that no events come in."""
    return any("Events of the cluster stay out" in line["event"] for line in operator.logged())
