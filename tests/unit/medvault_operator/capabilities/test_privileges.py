"""The condition that tells of logins that processes share, and of the API's ring."""

from dataclasses import replace

import pytest

from medvault_operator.api.conditions import Condition, Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.settings import volume
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.interface import API, RUNNING
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World
from support.medical_vaults import EXTERNAL, LARGE, ROUTED, vault
from support.worlds import blueprint, deployment, divided, furnished, holding, running, told

GIVEN = vault(EXTERNAL)


def said(given: MedicalVault, world: World) -> tuple[Condition, Condition]:
    """The condition, and whether the vault is available all the same."""
    found = {one.type.value: one for one in told(given, world).conditions}
    return found["LeastPrivilege"], found["Available"]


def without(name: str, *keys: str) -> World:
    """A vault that runs, and one of its Secrets lacks keys."""
    world = running(GIVEN)
    less = Secret(world.secrets[name].keys - set(keys), "1")
    return replace(world, secrets={**world.secrets, name: less})


@pytest.mark.parametrize("given", [GIVEN, vault(ROUTED)], ids=["external", "managed"])
def test_a_login_of_each_and_a_public_key_are_least_privilege(given: MedicalVault) -> None:
    found, _ = said(given, running(given))
    assert (found.status, found.reason) == ("True", Reason.DIVIDED)


def test_one_login_of_all_is_told_with_the_commands_that_divide_it() -> None:
    one = replace(running(GIVEN), secrets=furnished(GIVEN).secrets)
    found, available = said(GIVEN, one)
    assert (found.status, found.reason) == ("False", Reason.ONE_LOGIN)
    assert available.status == "True"
    for process in SERVICES:
        assert f"GRANT medvault_{process} TO clinic_{process};" in found.message
        assert f"rabbitmqctl add_user clinic_{process} " in found.message
    assert "postgres lacks api-url, inbound-url, media-url, outbound-url" in found.message
    assert "the Secret rabbitmq lacks api-url" in found.message
    assert "the Secret s3 lacks media-access-key" in found.message
    assert '"arn:aws:s3:::reports/*"' in found.message
    assert len(found.message) < 4096


def test_only_what_is_missing_is_asked_for() -> None:
    found, _ = said(GIVEN, without("postgres", "media-url"))
    assert found.reason is Reason.ONE_LOGIN
    assert "GRANT medvault_media TO clinic_media;" in found.message
    assert "medvault_api" not in found.message
    assert "RabbitMQ" not in found.message


def test_an_api_without_a_public_key_has_the_ring() -> None:
    found, _ = said(GIVEN, without("keys", "intake-key"))
    assert (found.status, found.reason) == ("False", Reason.RING_IN_API)
    assert "medvault keys intake" in found.message


def test_an_identity_of_the_cloud_belongs_to_all_pods() -> None:
    given = vault(LARGE)
    found, _ = said(given, running(given))
    assert found.reason is Reason.ONE_LOGIN
    assert "cloud's identity" in found.message


def test_pods_that_are_still_to_be_replaced_are_named() -> None:
    held = deployment(GIVEN, Component.API)
    ring = blueprint(GIVEN, divided(GIVEN)).files.of_process(Component.API, ring=True)
    held["spec"]["template"]["spec"]["volumes"] = [volume(API, ring)]
    found, _ = said(GIVEN, holding(running(GIVEN), held))
    assert (found.status, found.reason) == ("False", Reason.ROLLING_OUT)
    assert "api" in found.message


def test_an_image_that_knows_no_such_logins_is_told() -> None:
    shared = []
    for process in RUNNING:
        one = deployment(GIVEN, process.component)
        files = blueprint(GIVEN, divided(GIVEN)).files.of_process(process.component, own=False)
        one["spec"]["template"]["spec"]["volumes"] = [volume(process, files)]
        shared.append(one)
    found, available = said(GIVEN, holding(running(GIVEN), *shared, terminations={}))
    assert (found.status, found.reason) == ("False", Reason.OLDER_IMAGE)
    assert available.status == "True"
