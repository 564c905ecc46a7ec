"""With the rights that the chart gives it, the operator does all that it has to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.kubernetes.access import account
from support.kubernetes.cluster import namespace
from support.kubernetes.kubectl import Kubectl, RefusedError
from support.kubernetes.operators import IMAGE, Operator
from support.kubernetes.release import Release
from support.medical_vaults import MANAGED, body
from support.servers.waiting import wait_until

KINDS = "serviceaccount,service,configmap,statefulset,networkpolicy,poddisruptionbudget"
CACHED = {**MANAGED, "cache": {"managed": {}}}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "whatsapp"},
    "stringData": {"token": "a", "app-secrets": "b", "verify-token": "c"},
}


@pytest.fixture(scope="module", params=["cluster", "namespace"])
def granted(request: pytest.FixtureRequest, empty: Kubectl) -> Iterator[Kubectl]:
    """A cluster in which a release gave the operator's account its rights."""
    release = Release(empty, "helm")
    release.install("--set", f"rbac.scope={request.param}")
    empty.await_definition("medicalvaults.medvault.dev")
    yield empty
    release.uninstall()


@pytest.fixture
def operator(granted: Kubectl, tmp_path: Path) -> Iterator[Operator]:
    """An operator that logs in with that account."""
    with Operator(account(granted, "medvault-operator", tmp_path)) as running:
        wait_until(running.leads, seconds=30, what="the operator leading")
        yield running


def names(kubectl: Kubectl) -> set[str]:
    """Everything that belongs to the vault."""
    return set(
        kubectl.run("get", KINDS, "-l", "app.kubernetes.io/instance=clinic", "-o", "name").split()
    )


def reasons(kubectl: Kubectl) -> dict[str, str]:
    """The vault's conditions."""
    vault: dict[str, Any] = json.loads(kubectl.run("get", "medicalvault", "clinic", "-o", "json"))
    return {one["type"]: one["reason"] for one in vault.get("status", {}).get("conditions", [])}


def test_it_makes_mends_and_removes_what_a_vault_owns(operator: Operator, granted: Kubectl) -> None:
    def seen(what: str) -> bool:
        return what in names(granted)

    cache, api = "statefulset.apps/clinic-cache", "service/clinic-api"
    granted.apply(SECRET)
    granted.apply(body(CACHED), "--field-manager=kubectl")
    wait_until(lambda: seen(cache), seconds=30, what="a cache", every=0.3)
    wait_until(lambda: reasons(granted), seconds=30, what="a status", every=0.3)
    granted.run("delete", api)
    wait_until(lambda: seen(api), seconds=30, what="the API's Service put back", every=0.3)
    without = '[{"op": "remove", "path": "/spec/cache"}]'
    granted.run("patch", "medicalvault", "clinic", "--type=json", f"--patch={without}")
    wait_until(lambda: not seen(cache), seconds=30, what="the cache removed", every=0.3)
    assert "Refused" not in reasons(granted).values()
    assert "Forbidden" not in Path(operator.log).read_text()


@pytest.mark.parametrize("granted", ["namespace"], indirect=True)
def test_a_namespace_that_it_may_not_see_is_told_of_and_watched_once_it_may(
    granted: Kubectl, tmp_path: Path
) -> None:
    login = account(granted, "medvault-operator", tmp_path)
    with namespace(granted) as hidden, Operator(login, "one", IMAGE, hidden.namespace) as running:

        def watches(unseen: list[str]) -> bool:
            told = (running.probe("/ready") or (0, {}))[1].get("unseen")
            return told == unseen and running.metric("medvault_operator_watching") == 1

        wait_until(
            lambda: watches([hidden.namespace]), seconds=60, what="the others watched", every=0.5
        )
        assert running.metric("medvault_operator_unseen_namespaces") == 1
        lines = [one for one in running.logged() if "no Role there" in one["event"]]
        assert [one["namespace"] for one in lines] == [hidden.namespace]
        for kind in ("role", "rolebinding"):
            hidden.apply(copied(granted, kind, hidden))
        wait_until(lambda: not watches([hidden.namespace]), seconds=60, what="a look", every=0.2)
        wait_until(lambda: watches([]), seconds=60, what="all of them watched", every=0.5)


def copied(granted: Kubectl, kind: str, elsewhere: Kubectl) -> dict[str, Any]:
    """The Role or RoleBinding of the operator in one namespace, copied for another one."""
    found: dict[str, Any] = json.loads(granted.run("get", kind, "medvault-operator", "-o", "json"))
    return {**found, "metadata": {"name": "medvault-operator", "namespace": elsewhere.namespace}}


@pytest.mark.parametrize(
    ("verb", "what"),
    [
        ("list", "secrets"),
        ("delete", "secrets"),
        ("update", "medicalvaults"),
        ("create", "pods"),
        ("create", "roles"),
        ("delete", "persistentvolumeclaims"),
    ],
)
def test_it_may_not_do_what_it_need_not(granted: Kubectl, verb: str, what: str) -> None:
    user = f"--as=system:serviceaccount:{granted.namespace}:medvault-operator"
    with pytest.raises(RefusedError):
        granted.run("auth", "can-i", verb, what, user, "--quiet")
