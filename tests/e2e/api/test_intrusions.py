"""With the operator's account, and any rights, nothing can be made but what the operator makes.

The account is given all rights of the cluster, so that the admission policy alone says no; without
it every one of these requests would be carried out.
"""

import json
import re
import secrets as randomness
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from support.kubernetes.chart import CHART, objects
from support.kubernetes.cluster import namespace as own_namespace
from support.kubernetes.impersonation import Call, Impersonated, Manifest
from support.kubernetes.intrusions import EDITS, POD_EDITS, application, creation, edited
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.programs import run
from support.kubernetes.trespasses import foreign, trespasses
from support.medical_vaults import ROUTED, SPECS, body, vault
from support.servers.waiting import wait_until
from support.worlds import children, furnished, missing

MENDED = {"entrance": {"host": "vault.clinic.example", "ingress": {}}}
BOUNDS = {"replicas": {"min": 2, "max": 4}}
WHOLE = {**ROUTED, **MENDED, "api": BOUNDS, "workers": {"media": BOUNDS}}
OPERATOR = "system:serviceaccount:{}:medvault-operator"
NO_VAULT = "in a namespace without a vault"
OPTIONAL = {
    "scaledobjects": ("keda.sh", "v1alpha1", "ScaledObject"),
    "httproutes": ("gateway.networking.k8s.io", "v1", "HTTPRoute"),
    "servicemonitors": ("monitoring.coreos.com", "v1", "ServiceMonitor"),
}
POLICY = "ValidatingAdmissionPolicy"
ONE_EACH = "a Role", "a Deployment privileged", "a Deployment owned by a vault of another time"
"""For each policy an attack that it alone refuses: each comes into force at its own moment."""
EVERYTHING = Call("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles")
IMPOSSIBLE = {
    f"a Deployment {NO_VAULT}",
    "a Deployment in a namespace of Kubernetes'",
    "settings in a namespace of Kubernetes'",
}
"""Refused to everybody: it has the label of a vault's part, and there is no vault."""
NAMES = [
    *(f"a Deployment {name}" for name in [*POD_EDITS, NO_VAULT]),
    *EDITS,
    *trespasses(next(one for one in children(vault(WHOLE)) if one["kind"] == "Deployment")),
]


@dataclass(frozen=True)
class Tried:
    """The API server's refusal without the policy and with it; empty if it would do the request."""

    without: str
    now: str


def definition(plural: str) -> Manifest:
    """A kind of others, of which anything may be."""
    group, version, kind = OPTIONAL[plural]
    loose = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            "annotations": {"api-approved.kubernetes.io": "unapproved, for a test"},
        },
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [
                {"name": version, "served": True, "storage": True,
                 "schema": {"openAPIV3Schema": loose}}
            ],
        },
    }  # fmt: skip


@pytest.fixture(scope="module")
def account(defined: Kubectl) -> Iterator[Impersonated]:
    """The operator's account, with all rights of the cluster."""
    for plural, (group, _, _) in OPTIONAL.items():
        name = f"{plural}.{group}"
        if not defined.run("get", "crd", name, "--ignore-not-found", "-o", "name"):
            defined.apply(definition(plural))
        defined.await_definition(name)
    defined.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}})
    with empowered(defined, OPERATOR.format(defined.namespace)) as found:
        yield found


@contextmanager
def empowered(kubectl: Kubectl, user: str) -> Iterator[Impersonated]:
    """A user with all rights of the cluster."""
    binding = f"{kubectl.namespace}-{randomness.token_hex(4)}"
    role = ("--clusterrole=cluster-admin", "--user", user)
    kubectl.run("create", "clusterrolebinding", binding, *role)
    found = Impersonated(kubectl, user)
    wait_until(lambda: not found.refusal(EVERYTHING), seconds=10, what="the rights", every=0.1)
    yield found
    kubectl.run("delete", "clusterrolebinding", binding)


def made(defined: Kubectl, name: str, spec: Manifest) -> list[Manifest]:
    """Apply a vault; returns all that the operator makes of it."""
    found = MedicalVault.parse(defined.apply(body(spec, name)))
    generated = missing(found, furnished(found, secrets={}), randomness.token_bytes)
    return [*generated, *children(found)]


@pytest.fixture(scope="module")
def parts(defined: Kubectl) -> dict[str, Manifest]:
    """A vault's parts by kind: the inbound worker's Deployment, the first of each other kind."""
    found = {}
    for one in [*made(defined, "clinic", ROUTED), *made(defined, "clinic", WHOLE)][::-1]:
        if one["kind"] != "Deployment" or one["metadata"]["name"] == "clinic-inbound":
            found[one["kind"]] = one
    return found


@pytest.fixture(scope="module")
def attacks(defined: Kubectl, parts: dict[str, Manifest]) -> Iterator[Mapping[str, Call]]:
    """Every request by name."""
    deployment = parts["Deployment"]
    defined.apply(foreign(deployment), "--field-manager=somebody")
    with own_namespace(defined) as other:
        yield {
            **{
                f"a Deployment {name}": edited(deployment, edit) for name, edit in POD_EDITS.items()
            },
            f"a Deployment {NO_VAULT}": creation(placed(deployment, other)),
            **{name: edited(parts[kind], edit) for name, (kind, edit) in EDITS.items()},
            **trespasses(deployment),
        }


@pytest.fixture(scope="module")
def outcomes(
    defined: Kubectl, account: Impersonated, attacks: Mapping[str, Call]
) -> Iterator[dict[str, Tried]]:
    """How each request fared, before the chart's policies were applied and after."""
    before = {name: account.refusal(call) for name, call in attacks.items()}
    policies = policies_of(defined.namespace)
    for one in policies:
        defined.apply(one)
    names = {one["metadata"]["name"] for one in policies if one["kind"] == POLICY}
    wait_until(
        lambda: names == {denier(account.refusal(attacks[name])) for name in ONE_EACH},
        seconds=30,
        what="each policy being in force",
    )
    yield {name: Tried(before[name], account.refusal(call)) for name, call in attacks.items()}
    for one in policies:
        defined.run("delete", one["kind"], one["metadata"]["name"])


def policies_of(namespace: str) -> list[Manifest]:
    """The admission policies of a release."""
    release = ["medvault", str(CHART), "--namespace", namespace]
    only = ["--show-only", "templates/admission-policy.yaml"]
    return objects(run("helm", "template", *release, *only))


def denier(refusal: str) -> str:
    """The policy by which a request was refused, empty if there is none."""
    found = re.search(rf"{POLICY} '([^']+)' .*denied request", refusal)
    return found[1] if found else ""


def placed(part: Manifest, kubectl: Kubectl) -> Manifest:
    """A part in another namespace."""
    return {**part, "metadata": {**part["metadata"], "namespace": kubectl.namespace}}


@pytest.mark.parametrize("name", NAMES)
def test_an_intruder_is_refused(outcomes: dict[str, Tried], name: str) -> None:
    tried = outcomes[name]
    assert tried.without == "", "nothing is shown by it: it is refused anyway"
    assert denier(tried.now).startswith("medvault-operator")
    assert "expression" not in tried.now.partition("denied request")[2], "it is refused by accident"


def test_every_attack_is_counted(outcomes: dict[str, Tried], figures: Callable[..., None]) -> None:
    assert set(outcomes) == set(NAMES)
    succeeded = sum(not tried.now for tried in outcomes.values())
    control = sum(not tried.without for tried in outcomes.values())
    figures(tried=len(outcomes), succeeded=succeeded, succeeded_without_policy=control)
    assert (succeeded, control) == (0, len(outcomes))
    assert len(outcomes) >= 60


@pytest.mark.parametrize("spec", [*SPECS.values(), WHOLE], ids=[*SPECS, "ingress"])
def test_all_that_the_operator_makes_is_taken(
    outcomes: dict[str, Tried], account: Impersonated, defined: Kubectl, spec: Manifest
) -> None:
    assert outcomes
    name = f"trial-{randomness.token_hex(2)}"
    for one in made(defined, name, spec):
        call = creation(one) if one["kind"] == "Secret" else application(one)

        def taken(call: Call = call) -> bool:
            said = account.refusal(call)
            # The policies learn of a new vault a moment after it was made.
            assert not said or "params" in said, said
            return not said

        wait_until(taken, seconds=10, what=f"{one['kind']} {one['metadata']['name']}", every=0.1)


@pytest.mark.parametrize("kind", ["ConfigMap", "Deployment", "NetworkPolicy", "Service"])
def test_what_the_operator_made_it_may_mend_and_delete(
    outcomes: dict[str, Tried],
    account: Impersonated,
    defined: Kubectl,
    parts: dict[str, Manifest],
    kind: str,
) -> None:
    assert outcomes
    part = parts[kind]
    defined.apply(part)
    call = application(part)
    assert account.refusal(call) == ""
    assert account.refusal(Call("DELETE", call.path)) == ""
    stripped = json.dumps({"metadata": {"labels": None}})
    defined.run("patch", kind, part["metadata"]["name"], "--type=merge", "-p", stripped)
    assert account.refusal(call) == "", "labels that somebody took away are put back"
    defined.run("delete", kind, part["metadata"]["name"])


def test_nobody_else_is_held_by_the_policies(
    outcomes: dict[str, Tried], attacks: Mapping[str, Call], defined: Kubectl
) -> None:
    with empowered(defined, "somebody") as person:
        found = {name: person.refusal(call) for name, call in attacks.items()}
    assert set(found) == set(outcomes)
    assert {name for name, said in found.items() if said} == IMPOSSIBLE


def test_what_a_vault_left_behind_is_restored_and_cleared_up_by_anybody(
    outcomes: dict[str, Tried], defined: Kubectl, parts: dict[str, Manifest]
) -> None:
    assert outcomes
    with own_namespace(defined) as empty, empowered(defined, "somebody") as person:
        secret = placed(parts["Secret"], empty)
        assert person.refusal(creation(secret)) == ""
        empty.apply(secret)
        left = f"{empty.namespace}/secrets/{secret['metadata']['name']}"
        assert person.refusal(Call("DELETE", f"/api/v1/namespaces/{left}")) == ""
