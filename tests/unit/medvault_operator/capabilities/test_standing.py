"""The conditions of a vault, and what else its status says."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from medvault_operator.api.conditions import Condition, ConditionType, Reason
from medvault_operator.api.v1alpha1.status import VaultStatus
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.standing import paused, refused
from medvault_operator.vault.components import Component
from support.medical_vaults import EXTERNAL, LARGE, MANAGED, VAULTS, vault
from support.worlds import IMAGE, NOW, deployment, furnished, holding, job_names, running
from support.worlds import told as status

VAULT = vault(EXTERNAL)


def conditions(said: VaultStatus) -> dict[str, Condition]:
    """The conditions by their type."""
    return {condition.type.value: condition for condition in said.conditions}


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_every_condition_is_there_once_and_says_something(given: MedicalVault) -> None:
    for world in (furnished(given), running(given)):
        said = status(given, world).conditions
        assert [one.type for one in said] == list(ConditionType)
        assert all(one.message.endswith(".") for one in said)
        assert {one.observed_generation for one in said} == {3}


def test_a_vault_that_is_served_by_all_is_available() -> None:
    found = conditions(status(VAULT, running(VAULT)))
    assert {name: one.status for name, one in found.items()} == {
        "Available": "True",
        "Progressing": "False",
        "Degraded": "False",
        "Paused": "False",
        "HighlyAvailable": "True",
        "ScalingActive": "False",
        "LeastPrivilege": "True",
        "IdentityCheck": "Unknown",
    }


def test_a_new_vault_is_not_available_and_says_what_it_waits_for() -> None:
    found = conditions(status(VAULT, furnished(VAULT)))["Available"]
    assert (found.status, found.reason) == ("False", Reason.NOT_DEPLOYED)
    assert IMAGE in found.message


def test_a_process_without_a_ready_pod_makes_a_vault_unavailable() -> None:
    away = deployment(VAULT, Component.OUTBOUND)
    away["status"]["readyReplicas"] = 0
    found = conditions(status(VAULT, holding(running(VAULT), away)))["Available"]
    assert (found.status, found.reason) == ("False", Reason.NOT_READY)
    assert "outbound" in found.message
    assert "inbound" not in found.message


def test_a_replica_less_leaves_a_vault_available() -> None:
    fewer = deployment(VAULT, Component.OUTBOUND)
    fewer["status"]["readyReplicas"] = 1
    said = status(VAULT, holding(running(VAULT), fewer))
    assert conditions(said)["Available"].status == "True"
    assert said.ready == "7/8"


def test_single_instances_are_not_highly_available() -> None:
    given = vault(MANAGED)
    found = conditions(status(given, running(given)))["HighlyAvailable"]
    assert (found.status, found.reason) == ("False", Reason.SINGLE_INSTANCE)
    assert "database, broker, storage, scanner" in found.message


def test_a_single_replica_is_not_highly_available() -> None:
    given = vault({**EXTERNAL, "workers": {"media": {"replicas": {"min": 1}}}})
    found = conditions(status(given, running(given)))["HighlyAvailable"]
    assert (found.status, found.reason) == ("False", Reason.SINGLE_REPLICA)
    assert found.message.startswith("media:")


@pytest.mark.parametrize("zones", [frozenset[str](), frozenset({"a"})])
def test_a_single_zone_is_not_highly_available(zones: frozenset[str]) -> None:
    found = conditions(status(VAULT, replace(running(VAULT), zones=zones)))["HighlyAvailable"]
    assert (found.status, found.reason) == ("False", Reason.SINGLE_ZONE)
    assert "topology.kubernetes.io/zone" in found.message


def test_a_condition_keeps_its_time_until_its_status_changes() -> None:
    before = status(VAULT, furnished(VAULT))
    later = replace(running(VAULT), now=NOW + timedelta(minutes=5))
    after = conditions(status(VAULT.model_copy(update={"status": before}), later))
    assert after["Available"].last_transition_time == later.now
    assert after["Degraded"].last_transition_time == NOW


def test_the_generation_is_left_to_whoever_applies() -> None:
    known = VAULT.model_copy(update={"status": VaultStatus(observed_generation=2)})
    assert status(known, running(VAULT)).observed_generation == 2


def test_the_status_counts_pods_and_names_the_image() -> None:
    given = vault(LARGE)
    said = status(given, running(given))
    assert (said.ready, said.image) == ("18/18", IMAGE)
    assert [(one.name, one.ready) for one in said.workloads][:2] == [("api", 6), ("inbound", 4)]


def test_the_status_names_what_the_store_lacks() -> None:
    world = running(VAULT)
    name = job_names(VAULT, world)[0]
    said = status(
        VAULT, replace(world, terminations={name: json.dumps({"store_lacks": ["lifecycle"]})})
    )
    assert said.storage is not None
    assert said.storage.lacks[0].startswith("lifecycle rules: ")
    kept = status(VAULT.model_copy(update={"status": said}), world)
    assert kept.storage == said.storage


def test_a_store_that_lacks_nothing_has_an_empty_list() -> None:
    world = running(VAULT)
    name = job_names(VAULT, world)[0]
    said = status(
        VAULT, replace(world, terminations={name: '{"schema": "0008", "store_lacks": []}'})
    )
    assert said.storage is not None
    assert said.storage.lacks == []


def test_a_paused_vault_keeps_what_was_said_of_it() -> None:
    known = VAULT.model_copy(update={"status": status(VAULT, running(VAULT))})
    found = conditions(paused(known, NOW))
    assert (found["Paused"].status, found["Paused"].reason) == ("True", Reason.REQUESTED)
    assert found["Available"].status == "True"


def test_a_new_vault_can_be_paused() -> None:
    assert list(conditions(paused(VAULT, NOW))) == ["Paused"]


def test_what_the_api_server_refuses_is_named() -> None:
    problem = 'Deployment clinic-api: Forbidden: exceeded quota: "pods"'
    found = conditions(refused(VAULT, NOW, (problem,)))["Degraded"]
    assert (found.status, found.reason) == ("True", Reason.REFUSED)
    assert problem in found.message


def test_a_status_is_written_as_the_api_server_has_it() -> None:
    said = status(VAULT, running(VAULT)).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert said["conditions"][0] == {
        "type": "Available",
        "status": "True",
        "reason": "Ready",
        "message": "Patients are served.",
        "lastTransitionTime": "2026-11-26T12:00:00Z",
        "observedGeneration": 3,
    }
