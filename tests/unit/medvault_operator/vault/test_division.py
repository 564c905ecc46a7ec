"""A vault of the release before, whose processes share one login, gets to a login of each."""

from dataclasses import replace

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.settings import volume
from medvault_operator.vault.components import Component
from medvault_operator.vault.division import files_of
from medvault_operator.vault.interface import API, RUNNING
from medvault_operator.vault.release import Release
from medvault_operator.vault.secret_files import Files, SecretFile
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World
from support.medical_vaults import EXTERNAL, ROUTED, vault
from support.worlds import IMAGE, blueprint, deployment, divided, furnished, holding, running

NEXT = "ghcr.io/medvault/services:0.2.0"
MIGRATING = Release(NEXT, migrate=True, deploy=IMAGE, contract=False)
ADMITTED = Release(NEXT, migrate=True, deploy=NEXT, contract=False, divides=True)
CONTRACTED = replace(ADMITTED, contract=True, contracted=True)
AN_OLDER_ONE = Release(IMAGE, migrate=True, deploy=IMAGE, contract=False)
KINDS = {"external": vault(EXTERNAL), "managed": vault(ROUTED)}
COMPONENTS = [process.component for process in RUNNING]


def before(given: MedicalVault) -> World:
    """A vault as the release before left it; its Secrets have been completed."""
    found = []
    files = blueprint(given, furnished(given)).files
    for process in RUNNING:
        shared = files.of_process(process.component, own=False)
        one = deployment(given, process.component)
        one["spec"]["template"]["spec"]["volumes"] = [volume(process, shared)]
        found.append(one)
    return holding(divided(given), *found)


def mounts(given: MedicalVault, world: World, process: Component, release: Release) -> Files:
    """The files that a process gets while a release stands so."""
    return files_of(blueprint(given, world), world, process, release)


def keys(given: MedicalVault, world: World, release: Release, process: Component) -> set[str]:
    """The keys of Secrets that a process's logins come from."""
    found = mounts(given, world, process, release)
    return {found[name].key for name in ("database_url", "broker_url")}


@pytest.mark.parametrize("given", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("process", COMPONENTS)
def test_pods_go_on_with_the_one_login_until_the_others_are_let_in(
    given: MedicalVault, process: Component
) -> None:
    world = before(given)
    assert keys(given, world, MIGRATING, process) == {"url"}
    assert keys(given, world, ADMITTED, process) == {f"{process}-url"}


@pytest.mark.parametrize("process", COMPONENTS)
def test_a_migration_that_runs_again_takes_no_login_away(process: Component) -> None:
    given = vault(EXTERNAL)
    again = Release(IMAGE, migrate=True, deploy=IMAGE, contract=False)
    assert keys(given, running(given), again, process) == {f"{process}-url"}


@pytest.mark.parametrize("given", KINDS.values(), ids=KINDS)
def test_the_api_has_the_ring_until_nobody_of_the_release_before_is_left(
    given: MedicalVault,
) -> None:
    world = before(given)
    assert {"keys", "intake_key"} & mounts(given, world, API.component, MIGRATING).keys() == {
        "keys"
    }
    assert {"keys", "intake_key"} <= mounts(given, world, API.component, ADMITTED).keys()
    assert "keys" not in mounts(given, world, API.component, CONTRACTED)
    assert "keys" in mounts(given, world, Component.INBOUND, CONTRACTED)


def test_the_next_release_does_not_give_the_ring_back() -> None:
    given = vault(EXTERNAL)
    assert "keys" not in mounts(given, running(given), API.component, ADMITTED)


def test_the_api_of_a_new_vault_never_has_the_ring() -> None:
    given = vault(ROUTED)
    assert "keys" not in mounts(given, divided(given), API.component, ADMITTED)


@pytest.mark.parametrize("process", COMPONENTS)
def test_an_older_image_gets_what_it_knows(process: Component) -> None:
    given = vault(ROUTED)
    world = holding(running(given), *(deployment(given, one, NEXT) for one in COMPONENTS))
    assert keys(given, world, AN_OLDER_ONE, process) == {"url"}
    assert "keys" in mounts(given, world, process, AN_OLDER_ONE)


def test_a_process_without_a_login_of_its_own_shares_one_with_others_like_it() -> None:
    given = vault(EXTERNAL)
    world = furnished(given)
    some = Secret(world.secrets["postgres"].keys | {"api-url"}, "2")
    richer = replace(world, secrets={**world.secrets, "postgres": some})
    api, media = (mounts(given, richer, one, ADMITTED) for one in (Component.API, Component.MEDIA))
    assert api["database_url"] == SecretFile("postgres", "api-url")
    assert media["database_url"] == SecretFile("postgres", "url")
    assert api["broker_url"] == SecretFile("rabbitmq", "url")
    assert "keys" in api


def test_one_key_of_the_store_without_the_other_is_none() -> None:
    given = vault(EXTERNAL)
    world = furnished(given)
    half = Secret(world.secrets["s3"].keys | {"media-access-key"}, "2")
    richer = replace(world, secrets={**world.secrets, "s3": half})
    found = mounts(given, richer, Component.MEDIA, ADMITTED)
    assert found["s3_access_key"] == SecretFile("s3", "access-key")
