"""The objects that the chart makes of each set of values are well formed and belong together."""

from pathlib import Path

import pytest

from support.kubernetes.chart import (
    CHART,
    NAMESPACE,
    VALUES,
    Manifest,
    of_kind,
    pods,
    rendered,
)
from support.kubernetes.programs import run
from support.kubernetes.schemas import InvalidManifestsError, validate

NAMED = "app.kubernetes.io"
LABELS = {f"{NAMED}/{name}" for name in ("name", "instance", "component", "part-of", "managed-by")}
CLUSTER_WIDE = {
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
}


def test_the_oldest_kubernetes_would_take_it(manifests: list[Manifest], tmp_path: Path) -> None:
    validate(manifests, tmp_path)


def test_a_field_that_kubernetes_does_not_know_would_be_found(tmp_path: Path) -> None:
    (deployment,) = of_kind(rendered(), "Deployment")
    deployment["spec"]["template"]["spec"]["serviceAcountName"] = "misspelt"
    with pytest.raises(InvalidManifestsError, match="serviceAcountName"):
        validate([deployment], tmp_path)


@pytest.mark.parametrize("values", sorted(VALUES))
def test_helms_linter_has_nothing_to_say(values: str) -> None:
    assert "0 chart(s) failed" in run(
        "helm", "lint", "--strict", str(CHART), "-f", str(VALUES[values])
    )


def test_nothing_has_the_name_of_another(manifests: list[Manifest]) -> None:
    names = [
        (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
        for one in manifests
    ]
    assert sorted(set(names)) == sorted(names)


def test_everything_carries_the_labels_that_tools_expect(manifests: list[Manifest]) -> None:
    for one in manifests:
        labels = one["metadata"]["labels"]
        assert LABELS | {f"{NAMED}/version", "helm.sh/chart"} <= labels.keys()
        assert labels[f"{NAMED}/managed-by"] == "Helm"
        assert labels[f"{NAMED}/part-of"] == "medvault"


def test_everything_but_rights_is_in_the_releases_namespace(manifests: list[Manifest]) -> None:
    rights = {"Role", "RoleBinding"}
    others = [one for one in manifests if one["kind"] not in rights]
    places = {(one["kind"] in CLUSTER_WIDE, one["metadata"].get("namespace")) for one in others}
    assert places <= {(True, None), (False, NAMESPACE)}


def test_a_selector_holds_only_what_never_changes(manifests: list[Manifest]) -> None:
    (deployment,) = of_kind(manifests, "Deployment")
    selector = deployment["spec"]["selector"]["matchLabels"]
    assert set(selector) == {f"{NAMED}/{name}" for name in ("name", "instance", "component")}


def test_every_selector_finds_the_operators_pods(manifests: list[Manifest]) -> None:
    (deployment,) = of_kind(manifests, "Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"].items()
    selecting = ("Deployment", "PodDisruptionBudget", "ServiceMonitor")
    for one in (one for one in manifests if one["kind"] in selecting):
        assert one["spec"]["selector"]["matchLabels"].items() <= labels
    (service,) = of_kind(manifests, "Service")
    assert service["spec"]["selector"].items() <= labels


def test_a_service_leads_to_a_port_that_is_open(manifests: list[Manifest]) -> None:
    (deployment,) = of_kind(manifests, "Deployment")
    (service,) = of_kind(manifests, "Service")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert [ports[port["targetPort"]] for port in service["spec"]["ports"]] == [8080]


def test_every_pod_has_an_account_of_the_release(manifests: list[Manifest]) -> None:
    accounts = {one["metadata"]["name"] for one in of_kind(manifests, "ServiceAccount")}
    assert {pod["spec"]["serviceAccountName"] for _, pod in pods(manifests)} == accounts


def test_every_role_is_bound_to_an_account_of_the_release(manifests: list[Manifest]) -> None:
    accounts = {one["metadata"]["name"] for one in of_kind(manifests, "ServiceAccount")}
    roles = {
        one["metadata"]["name"]
        for kind in ("Role", "ClusterRole")
        for one in of_kind(manifests, kind)
    }
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for one in of_kind(manifests, kind):
            assert one["roleRef"]["name"] in roles
            assert {subject["name"] for subject in one["subjects"]} <= accounts
