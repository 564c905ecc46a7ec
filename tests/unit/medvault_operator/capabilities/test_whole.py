"""The decisions of the capabilities, put together."""

from collections import Counter
from itertools import permutations

import pytest

from medvault_operator.api.conditions import ConditionType, Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.conditions.degraded import degraded
from medvault_operator.capabilities.conditions.finding import Finding, Rank
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.capabilities.whole import CAPABILITIES
from support.medical_vaults import ROUTED as EVERYTHING
from support.medical_vaults import VAULTS, vault
from support.worlds import blueprint, running

FOUND = (
    Finding(Rank.POD, Reason.CRASHING, "A pod crashes."),
    Finding(Rank.SECRET, Reason.SECRET_MISSING, "A Secret is missing."),
    Finding(Rank.JOB, Reason.MIGRATION_FAILED, "A Job failed."),
)


def test_each_condition_and_each_field_of_the_status_has_one_capability() -> None:
    given = vault(EVERYTHING)
    world = running(given)
    plan = blueprint(given, world)
    rollout = Rollout.of(plan, world)
    decisions = [capability(plan, world, rollout) for capability in CAPABILITIES]
    told = Counter(name for one in decisions for name in (*one.conditions, *one.status))
    assert set(told.values()) == {1}
    whole = {ConditionType.DEGRADED, ConditionType.PAUSED}
    assert told.keys() >= set(ConditionType) - whole
    assert not whole & told.keys()


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_no_object_is_made_by_two_capabilities(given: MedicalVault) -> None:
    world = running(given)
    plan = blueprint(given, world)
    rollout = Rollout.of(plan, world)
    places = [
        (one["kind"], one["metadata"]["name"])
        for capability in CAPABILITIES
        for one in capability(plan, world, rollout).objects
    ]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("findings", list(permutations(FOUND)))
def test_the_rank_of_a_finding_names_the_condition_and_not_its_place(
    findings: tuple[Finding, ...],
) -> None:
    said = degraded(findings)
    assert said.reason is Reason.SECRET_MISSING
    assert said.message == "A Secret is missing. A Job failed. A pod crashes."
