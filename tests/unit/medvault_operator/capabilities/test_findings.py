"""Findings name the faults of a vault, and say what to do next."""

import json
from dataclasses import replace

import pytest

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.conditions.finding import Finding
from medvault_operator.vault.components import managed
from medvault_operator.world.cluster import StorageClass
from medvault_operator.world.pods import Trouble
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World
from support.medical_vaults import EXTERNAL, LARGE, MANAGED, ROUTED, VAULTS, vault
from support.worlds import decided, furnished, holding, job, job_names, running, server

VAULT = vault(EXTERNAL)


def findings(given: MedicalVault, world: World) -> list[Finding]:
    """All that is wrong, in the order in which it is told."""
    return sorted(decided(given, world).findings, key=lambda one: one.rank)


def troubled(*found: Trouble, given: MedicalVault = VAULT) -> list[Finding]:
    """The findings that follow from pods' troubles."""
    return findings(given, replace(running(given), troubles=found))


def lacking(world: World, *names: str) -> World:
    """A world without some Secrets."""
    return replace(
        world, secrets={name: one for name, one in world.secrets.items() if name not in names}
    )


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_nothing_is_wrong_where_everything_is_there(given: MedicalVault) -> None:
    assert findings(given, running(given)) == []


def test_a_missing_secret_is_named_with_the_command_that_makes_it() -> None:
    (found,) = findings(VAULT, lacking(furnished(VAULT), "whatsapp"))
    assert found.reason is Reason.SECRET_MISSING
    assert "kubectl -n clinics create secret generic whatsapp --from-file=token=" in found.message


def test_a_missing_key_is_named() -> None:
    world = furnished(VAULT)
    secrets = {**world.secrets, "postgres": Secret(frozenset({"url"}), "1")}
    (found,) = findings(VAULT, replace(world, secrets=secrets))
    assert found.reason is Reason.SECRET_KEY_MISSING
    assert "lacks owner-url" in found.message


def test_a_secret_that_the_operator_will_make_is_not_missed() -> None:
    given = vault(MANAGED)
    world = lacking(furnished(given), "clinic-keys", "clinic-database", "clinic-broker")
    assert findings(given, world) == []


@pytest.mark.parametrize("name", ["clinic-keys", "clinic-database", "clinic-storage"])
def test_a_lost_secret_is_to_be_restored_not_made_anew(name: str) -> None:
    given = vault(MANAGED)
    (found,) = findings(given, lacking(running(given), name))
    assert (found.reason, name in found.message) == (Reason.SECRET_LOST, True)


def test_a_cluster_without_a_default_storage_class_is_told_so() -> None:
    given = vault(MANAGED)
    world = replace(furnished(given), storage_classes=(StorageClass("slow"),))
    found = findings(given, world)
    assert {one.reason for one in found} == {Reason.NO_STORAGE_CLASS}
    assert len(found) == 4
    assert "is-default-class=true" in found[0].message


def test_a_storage_class_that_does_not_exist_is_named() -> None:
    volume = {"size": "1Gi", "storageClassName": "fast"}
    given = vault({**MANAGED, "database": {"managed": {"storage": volume}}})
    (found,) = findings(given, furnished(given))
    assert "asks for the StorageClass fast" in found.message


def test_a_dependency_that_runs_needs_no_storage_class_any_more() -> None:
    given = vault(MANAGED)
    world = holding(furnished(given), *(server(given, one) for one in managed(given)))
    assert findings(given, replace(world, storage_classes=())) == []


@pytest.mark.parametrize(
    ("spec", "kind"),
    [(ROUTED, "HTTPRoute"), (LARGE, "ServiceMonitor"), (LARGE, "Certificate")],
)
def test_a_kind_that_the_cluster_does_not_know_is_named(spec: dict[str, object], kind: str) -> None:
    given = vault(spec)
    found = findings(given, furnished(given, served=frozenset()))
    assert {one.reason for one in found} == {Reason.KIND_MISSING}
    assert any(f"does not know {kind}" in one.message for one in found)


def test_a_wrong_password_is_told_by_the_key_of_its_secret() -> None:
    world = furnished(VAULT)
    migrate, _ = job_names(VAULT, world)
    said = "the database refuses the user or the password: check MEDVAULT_DATABASE_OWNER_URL"
    failing = replace(
        holding(world, job(migrate, failed=1)),
        terminations={migrate: json.dumps({"error": said})},
    )
    (found,) = findings(VAULT, failing)
    assert found.reason is Reason.MIGRATION_FAILED
    assert "check owner-url in the Secret postgres" in found.message


def test_a_job_that_is_done_is_no_trouble_however_often_it_failed() -> None:
    world = furnished(VAULT)
    migrate, _ = job_names(VAULT, world)
    done = holding(world, job(migrate, ended="Complete", failed=2))
    assert findings(VAULT, done) == []


@pytest.mark.parametrize("word", ["ImagePullBackOff", "ErrImagePull", "InvalidImageName"])
@pytest.mark.parametrize(
    ("component", "field"),
    [("api", "spec.image"), ("migrate", "spec.image"), ("database", "spec.database.managed.image")],
)
def test_an_image_that_does_not_exist_is_told(word: str, component: str, field: str) -> None:
    (found,) = troubled(Trouble(component, "pod-1", word, "manifest unknown"))
    assert found.reason is Reason.IMAGE_PULL_FAILED
    assert f"Check {field}," in found.message


def test_a_crash_is_told_with_the_process_own_word() -> None:
    word = json.dumps({"error": "MEDVAULT_KEYS_FILE names a file that can't be read"})
    (found,) = troubled(Trouble("media", "clinic-media-1", "CrashLoopBackOff", word))
    assert found.reason is Reason.CRASHING
    assert "keys in the Secret keys names a file" in found.message
    assert "kubectl -n clinics logs clinic-media-1 --previous" in found.message


def test_a_pod_that_no_node_takes_is_told() -> None:
    (found,) = troubled(Trouble("api", "pod-1", "Unschedulable", "0/3 nodes are available."))
    assert found.reason is Reason.UNSCHEDULABLE
    assert "0/3 nodes are available." in found.message


def test_a_pod_that_does_not_become_ready_says_where_to_look() -> None:
    (found,) = troubled(Trouble("api", "clinic-api-1", "NotReady"))
    assert found.reason is Reason.NOT_READY
    assert "/api/v1/namespaces/clinics/pods/clinic-api-1:9000/proxy/ready" in found.message


def test_many_pods_with_one_trouble_are_told_once() -> None:
    pods = [Trouble("inbound", f"pod-{number}", "CrashLoopBackOff") for number in range(9)]
    assert len(troubled(*pods)) == 1


def test_pods_of_a_failed_migration_are_told_by_their_job() -> None:
    assert troubled(Trouble("migrate", "clinic-migrate-1", "Error", "{}")) == []
