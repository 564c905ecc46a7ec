"""The page docs/kubernetes.md says of conditions and vaults what the operator says."""

import json
import re

import yaml

from medvault_operator.api.conditions import ConditionType, Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities import admission
from unit.docs.pages import ROOT, blocks, rows

PAGE = ROOT / "docs" / "kubernetes.md"
HEADER = "| condition | status | reason | it means | what to do |"
WORD = re.compile(r"`(\w+)`")


def told() -> list[tuple[str, str]]:
    """The pairs of condition and reason in the table."""
    cells = [row.strip("| ").split(" | ") for row in rows(PAGE, HEADER)]
    return [(WORD.findall(one[0])[0], WORD.findall(one[2])[0]) for one in cells]


def test_every_reason_is_explained() -> None:
    assert {reason for _, reason in told()} == set(Reason)


def test_every_condition_is_explained() -> None:
    assert {condition for condition, _ in told()} == set(ConditionType)


def test_nothing_is_explained_twice() -> None:
    assert len(told()) == len(set(told()))


def test_every_sample_is_listed() -> None:
    listed = {row.split("`")[1] for row in rows(PAGE, "| sample | for |")}
    there = {f"k8s/samples/{path.name}" for path in (ROOT / "k8s" / "samples").iterdir()}
    assert listed == there


def test_the_commands_that_divide_a_login_are_those_of_the_condition() -> None:
    section = PAGE.read_text().partition("## Least privilege")[2].partition("## Upgrading")[0]
    shown = dict(re.findall(r"```(sql|json)\n(.*?)\n```", section, re.DOTALL))
    assert shown["sql"].splitlines() == [*admission.sql("clinic")]
    assert json.loads(shown["json"]) == json.loads(admission.s3_policy("reports"))
    for command in admission.rabbitmqctl("clinic"):
        assert f"\n{command}\n" in section


def test_the_vault_on_the_page_is_one() -> None:
    (shown,) = (yaml.safe_load(block.text) for block in blocks(PAGE) if block.tested)
    shown["metadata"]["uid"] = "0c5a"
    vault = MedicalVault.parse(shown)
    understood = vault.spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert understood == shown["spec"]
