"""The operator may do what its code does, and no more."""

import pytest

from medvault_operator.kube import kinds
from medvault_operator.kube.kinds import Kind
from support.kubernetes.chart import NAMESPACE, Manifest, of_kind, rendered, rendered_with

OPERATOR = "medvault-operator"
VAULTS = (kinds.VAULT.group, kinds.VAULT.plural)
APPLIED = {"list", "create", "patch", "delete"}


def rights(role: Manifest) -> dict[tuple[str, str], set[str]]:
    """The verbs that a role allows, by group and resource."""
    return {
        (rule["apiGroups"][0], resource): set(rule["verbs"])
        for rule in role["rules"]
        for resource in rule["resources"]
    }


def role(manifests: list[Manifest], kind: str, name: str) -> dict[tuple[str, str], set[str]]:
    """The rights that a role of this kind and name gives."""
    (found,) = (one for one in of_kind(manifests, kind) if one["metadata"]["name"] == name)
    return rights(found)


@pytest.fixture(scope="module")
def manifests() -> list[Manifest]:
    """The chart as it comes."""
    return rendered()


@pytest.mark.parametrize("child", kinds.WATCHED, ids=lambda kind: kind.plural)
def test_children_may_be_watched_applied_and_pruned(manifests: list[Manifest], child: Kind) -> None:
    allowed = role(manifests, "Role", OPERATOR)
    assert allowed[child.group, child.plural] == APPLIED | {"watch"}


@pytest.mark.parametrize("child", kinds.OPTIONAL, ids=lambda kind: kind.plural)
def test_optional_children_may_be_applied_and_pruned(
    manifests: list[Manifest], child: Kind
) -> None:
    allowed = role(manifests, "Role", OPERATOR)
    assert allowed[child.group, child.plural] == APPLIED


def test_nothing_but_children_may_be_changed(manifests: list[Manifest]) -> None:
    changed = {
        what
        for what, verbs in role(manifests, "Role", OPERATOR).items()
        if verbs & {"patch", "delete"}
    }
    children = {(kind.group, kind.plural) for kind in (*kinds.WATCHED, *kinds.OPTIONAL)}
    assert changed - {(VAULTS[0], f"{VAULTS[1]}/status")} == children


def test_secrets_are_neither_listed_nor_changed(manifests: list[Manifest]) -> None:
    allowed = role(manifests, "Role", OPERATOR)
    assert allowed[kinds.SECRET.group, kinds.SECRET.plural] == {"get", "create"}


def test_vaults_are_read_and_only_their_status_is_written(manifests: list[Manifest]) -> None:
    allowed = role(manifests, "Role", OPERATOR)
    assert allowed[VAULTS] == {"get", "list", "watch"}
    assert allowed[VAULTS[0], f"{VAULTS[1]}/status"] == {"patch"}


def test_pods_are_only_listed(manifests: list[Manifest]) -> None:
    allowed = role(manifests, "Role", OPERATOR)
    assert allowed[kinds.POD.group, kinds.POD.plural] == {"list"}


def test_nodes_and_storage_classes_are_listed_and_one_api_is_looked_at(
    manifests: list[Manifest],
) -> None:
    wanted = {(kind.group, kind.plural): {"list"} for kind in (kinds.NODE, kinds.STORAGE_CLASS)}
    wanted[kinds.API_SERVICE.group, kinds.API_SERVICE.plural] = {"get"}
    assert role(manifests, "ClusterRole", f"{OPERATOR}-cluster") == wanted
    name = f"{OPERATOR}-cluster"
    (found,) = (one for one in of_kind(manifests, "ClusterRole") if one["metadata"]["name"] == name)
    named = [rule["resourceNames"] for rule in found["rules"] if "resourceNames" in rule]
    assert named == [["v1beta1.external.metrics.k8s.io"]]


def test_the_lease_is_the_only_one_that_may_be_changed(manifests: list[Manifest]) -> None:
    (found,) = (
        one for one in of_kind(manifests, "Role") if one["metadata"]["name"] == f"{OPERATOR}-lease"
    )
    named, unnamed = found["rules"]
    assert (named["resourceNames"], named["verbs"]) == ([OPERATOR], ["get", "update"])
    assert unnamed["verbs"] == ["create"]


def places(manifests: list[Manifest], kind: str) -> set[str]:
    """Where the operator has its rights."""
    found = (one["metadata"] for one in of_kind(manifests, kind) if one["metadata"])
    return {one.get("namespace", "") for one in found if one["name"] in (OPERATOR, "vaults")}


def test_by_itself_it_has_rights_in_its_own_namespace_alone(manifests: list[Manifest]) -> None:
    assert places(manifests, "Role") == places(manifests, "RoleBinding") == {NAMESPACE}
    assert places(manifests, "ClusterRole") == places(manifests, "ClusterRoleBinding") == set()
    bound = {one["metadata"]["name"] for one in of_kind(manifests, "ClusterRoleBinding")}
    assert bound == {f"{OPERATOR}-cluster"}


def test_it_has_the_same_rights_in_every_namespace_that_is_named(manifests: list[Manifest]) -> None:
    named = rendered_with("production")
    assert places(named, "Role") == places(named, "RoleBinding") == {"clinic", "practice"}
    found = [one for one in of_kind(named, "Role") if one["metadata"]["name"] == "vaults"]
    assert [rights(one) for one in found] == [role(manifests, "Role", OPERATOR)] * 2


def test_it_has_them_in_the_whole_cluster_where_that_was_asked_for(
    manifests: list[Manifest],
) -> None:
    everywhere = rendered_with("cluster")
    assert role(everywhere, "ClusterRole", OPERATOR) == role(manifests, "Role", OPERATOR)
    assert places(everywhere, "Role") == places(everywhere, "RoleBinding") == set()


def test_who_may_edit_a_namespace_may_edit_its_vaults(manifests: list[Manifest]) -> None:
    roles = {one["metadata"]["name"]: one for one in of_kind(manifests, "ClusterRole")}
    aggregate = "rbac.authorization.k8s.io/aggregate-to-"
    for name, people in (("edit", {"admin", "edit"}), ("view", {"admin", "edit", "view"})):
        labels = roles[f"{OPERATOR}-{name}"]["metadata"]["labels"]
        found = {key.removeprefix(aggregate) for key in labels if key.startswith(aggregate)}
        assert found == people
