"""The admission policy knows every part that the operator makes.

Whether it takes all of them, and nothing else, is tried on an API server: `tests/e2e/api`.
"""

import re

import pytest

from medvault_operator.resources.objects import API_VERSIONS
from medvault_operator.vault.credentials import Credentials
from medvault_operator.vault.interface import CONTRACT, MIGRATE, RUNNING
from support.kubernetes.chart import Manifest, of_kind, rendered, rendered_with
from support.medical_vaults import VAULTS
from support.worlds import children, containers, pod_templates

POLICY = "ValidatingAdmissionPolicy"
CONTAINERS = {
    container["name"]
    for vault in VAULTS.values()
    for template in pod_templates(children(vault)).values()
    for container in containers(template)
}


@pytest.fixture(scope="module")
def policies() -> dict[str, Manifest]:
    """The policies of the chart as it comes, by what follows the operator's name."""
    return {
        one["metadata"]["name"].removeprefix("medvault-operator"): one["spec"]
        for one in of_kind(rendered(), POLICY)
    }


def said(policy: Manifest) -> str:
    """All of its expressions."""
    return "\n".join(one["expression"] for one in policy["validations"])


def test_every_policy_holds_the_operators_account_and_is_bound(
    policies: dict[str, Manifest],
) -> None:
    account = "system:serviceaccount:medvault-system:medvault-operator"
    for policy in policies.values():
        (condition,) = policy["matchConditions"]
        assert condition["expression"] == f"request.userInfo.username == '{account}'"
        assert policy["failurePolicy"] == "Fail"
    bound = {one["spec"]["policyName"] for one in of_kind(rendered(), f"{POLICY}Binding")}
    assert bound == {f"medvault-operator{name}" for name in policies}


def test_a_namespace_without_a_vault_is_closed_to_parts_that_are_made_and_to_nothing_else() -> None:
    found = {
        one["metadata"]["name"].rpartition("-")[2]: one["spec"]
        for one in of_kind(rendered(), f"{POLICY}Binding")
        if "paramRef" in one["spec"]
    }
    actions = {name: one["paramRef"]["parameterNotFoundAction"] for name, one in found.items()}
    assert actions == {"create": "Deny", "update": "Allow"}
    for name, one in found.items():
        (rule,) = one["matchResources"]["resourceRules"]
        assert rule["operations"] == [name.upper()]


def test_every_kind_that_the_operator_owns_may_be_made(policies: dict[str, Manifest]) -> None:
    groups = {
        (group, plural)
        for rule in policies["-parts"]["matchConstraints"]["resourceRules"]
        for group in rule["apiGroups"]
        for plural in rule["resources"]
    }
    assert len(groups) == len(API_VERSIONS)
    for group, plural in groups:
        assert f"'{group}/{plural}'" in said(policies[""])


def test_every_container_that_the_operator_makes_has_its_command(
    policies: dict[str, Manifest],
) -> None:
    known = set(re.findall(r"'([a-z-]+)': \[", said(policies["-parts"])))
    assert known == CONTAINERS


def test_every_process_has_its_arguments(policies: dict[str, Manifest]) -> None:
    commands = said(policies["-parts"])
    for process in (*RUNNING, MIGRATE, CONTRACT):
        given = ", ".join(f"'{one}'" for one in process.arguments)
        assert f"'{process.component}': [{given}]" in commands


def test_every_secret_that_the_operator_makes_may_be_made_and_mounted(
    policies: dict[str, Manifest],
) -> None:
    made = {
        one.name.removeprefix(f"{vault.name}-")
        for vault in VAULTS.values()
        for one in Credentials.of(vault).needed
        if one.generated
    }
    assert {"database", "intake", "storage-logins"} <= made
    (mounted,) = (
        one["expression"] for one in policies["-vaults"]["variables"] if one["name"] == "secrets"
    )
    for name in made:
        assert re.search(rf"'{name}'[^\]]*\]\s+\.exists", said(policies["-parts"]))
        assert re.search(rf"'{name}'[^\]]*\]\s+\.map\(part, variables\.vault", mounted)


def test_the_images_of_the_release_and_those_that_are_named_may_run() -> None:
    found = {
        one["metadata"]["name"]: one["spec"] for one in of_kind(rendered_with("production"), POLICY)
    }
    (known,) = (
        one["expression"]
        for one in found["vaults-vaults"]["variables"]
        if one["name"] == "repositories"
    )
    for name in ("registry.example.org/medvault/services", "registry.example.org/mirror/postgres"):
        assert f"'{name}'" in known


def test_it_may_be_left_out() -> None:
    assert of_kind(rendered("--set", "admissionPolicy.enabled=false"), POLICY) == []
