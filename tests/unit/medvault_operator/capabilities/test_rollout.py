"""From one image to the next: migrate, roll out, contract."""

from dataclasses import replace

import pytest

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.release import Release
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World
from support.medical_vaults import EXTERNAL, MANAGED, VAULTS, vault
from support.worlds import (
    IMAGE,
    blueprint,
    deployment,
    furnished,
    holding,
    job,
    job_names,
    running,
    server,
)

NEXT = "ghcr.io/medvault/services:0.2.0"
VAULT = vault(EXTERNAL)


DIVIDED = {"divides": True, "contracted": True}


def decided(given: MedicalVault, world: World, image: str = IMAGE) -> Rollout:
    """The stage on the way to an image."""
    return Rollout.of(blueprint(given, world, image), world)


def test_nothing_runs_before_the_first_migration() -> None:
    found = decided(VAULT, furnished(VAULT))
    assert found.release == Release(IMAGE, migrate=True, deploy=None, contract=False)
    assert (found.reason, found.settled) == (Reason.MIGRATING, False)


def test_a_migration_waits_for_the_database_that_the_operator_runs() -> None:
    given = vault(MANAGED)
    world = holding(furnished(given), server(given, Component.STORAGE))
    found = decided(given, world)
    assert found.release == Release(IMAGE, migrate=False, deploy=None, contract=False)
    assert found.reason is Reason.STARTING_DEPENDENCIES
    assert "Waiting for database and broker to be ready" in found.message


def test_services_run_once_the_migration_is_done() -> None:
    world = furnished(VAULT)
    done = job(job_names(VAULT, world)[0], ended="Complete")
    found = decided(VAULT, holding(world, done))
    assert found.release == Release(IMAGE, migrate=True, deploy=IMAGE, contract=False)
    assert found.reason is Reason.ROLLING_OUT


def test_what_runs_goes_on_while_the_next_image_migrates() -> None:
    found = decided(VAULT, running(VAULT), NEXT)
    assert found.release == Release(NEXT, migrate=True, deploy=IMAGE, contract=False)


def test_old_pods_hold_the_contract_back() -> None:
    world = running(VAULT, NEXT)
    _, contract = job_names(VAULT, world, NEXT)
    leftover = deployment(VAULT, Component.MEDIA, NEXT)
    leftover["status"]["replicas"] += 1
    without = {key: one for key, one in world.children.items() if key[1] != contract}
    found = decided(VAULT, holding(replace(world, children=without), leftover), NEXT)
    assert found.release == Release(NEXT, migrate=True, deploy=NEXT, contract=False, divides=True)
    assert "media" in found.message
    assert decided(VAULT, replace(world, children=without), NEXT).reason is Reason.CONTRACTING


@pytest.mark.parametrize("count", ["replicas", "updatedReplicas", "availableReplicas"])
def test_a_process_is_rolled_out_when_all_counts_agree(count: str) -> None:
    behind = deployment(VAULT, Component.API)
    behind["status"][count] -= 1
    assert decided(VAULT, holding(running(VAULT), behind)).reason is Reason.ROLLING_OUT


def test_a_deployment_that_nobody_looked_at_yet_is_not_rolled_out() -> None:
    changed = deployment(VAULT, Component.API)
    changed["metadata"]["generation"] = 3
    assert decided(VAULT, holding(running(VAULT), changed)).reason is Reason.ROLLING_OUT


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_a_vault_settles(given: MedicalVault) -> None:
    found = decided(given, running(given))
    assert found.release == Release(IMAGE, migrate=True, deploy=IMAGE, contract=True, **DIVIDED)
    assert (found.reason, found.settled, found.retry) == (Reason.SETTLED, True, ())


def test_a_killed_pod_does_not_bring_the_contract_back() -> None:
    wounded = deployment(VAULT, Component.API)
    wounded["status"]["availableReplicas"] = 1
    assert decided(VAULT, holding(running(VAULT), wounded)).release.contract


def test_a_job_that_gave_up_is_made_anew() -> None:
    world = furnished(VAULT)
    name = job_names(VAULT, world)[0]
    assert decided(VAULT, holding(world, job(name, failed=3))).retry == ()
    assert decided(VAULT, holding(world, job(name, ended="Failed", failed=7))).retry == (name,)


def test_an_edited_secret_migrates_again_while_the_services_run() -> None:
    world = running(VAULT)
    edited = {**world.secrets, "postgres": Secret(world.secrets["postgres"].keys, "2")}
    found = decided(VAULT, replace(world, secrets=edited))
    assert found.release == Release(IMAGE, migrate=True, deploy=IMAGE, contract=False)
    assert found.reason is Reason.MIGRATING


def test_only_the_secrets_that_a_job_reads_count() -> None:
    world = running(VAULT)
    edited = {**world.secrets, "whatsapp": Secret(world.secrets["whatsapp"].keys, "2")}
    assert decided(VAULT, replace(world, secrets=edited)).settled


def test_the_running_image_is_the_api_deployments() -> None:
    world = running(VAULT)
    others = [deployment(VAULT, one, NEXT) for one in SERVICES if one is not Component.API]
    assert decided(VAULT, holding(world, *others), NEXT).release.deploy == IMAGE
