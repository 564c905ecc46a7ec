"""Settings of the operator from the environment."""

import json

import pytest

from medvault_operator.runtime.settings import InvalidSettings, Settings, load, variable
from medvault_operator.vault.installation import Network, operator_of

LEAST = {
    "MEDVAULT_OPERATOR_SERVICES_IMAGE": "ghcr.io/medvault/services:0.1.0",
    "MEDVAULT_OPERATOR_NAMESPACE": "medvault-system",
}


def test_two_settings_are_enough() -> None:
    settings = load(LEAST)
    assert settings.services_image == "ghcr.io/medvault/services:0.1.0"
    assert settings.watch_namespaces == ()
    assert settings.port == 8080
    assert settings.identity


@pytest.mark.parametrize(
    "given", ["clinics practices", "clinics,practices", " clinics , practices"]
)
def test_namespaces_are_listed_with_commas_or_spaces(given: str) -> None:
    settings = load({**LEAST, "MEDVAULT_OPERATOR_WATCH_NAMESPACES": given})
    assert settings.watch_namespaces == ("clinics", "practices")


def test_the_cluster_around_vaults_is_told_as_peers_of_policies() -> None:
    peer = {"ipBlock": {"cidr": "10.96.0.10/32"}}
    given = {"DNS_PEERS": json.dumps([peer]), "METRICS_PEERS": "[]"}
    settings = load({**LEAST, **{f"MEDVAULT_OPERATOR_{name}": one for name, one in given.items()}})
    assert settings.network == Network(
        dns=(peer,), metrics=(), operator=(operator_of("medvault-system"),)
    )


@pytest.mark.parametrize("wrong", ["kube-system", '{"ipBlock": {}}', '["kube-system"]'])
def test_peers_that_are_none_are_named(wrong: str) -> None:
    with pytest.raises(InvalidSettings, match=variable("dns_peers")):
        load({**LEAST, variable("dns_peers"): wrong})


def test_an_empty_setting_is_not_set() -> None:
    settings = load({**LEAST, "MEDVAULT_OPERATOR_WATCH_NAMESPACES": " "})
    assert settings.watch_namespaces == ()


def test_every_problem_is_named_with_its_variable() -> None:
    with pytest.raises(InvalidSettings) as refusal:
        load({"MEDVAULT_OPERATOR_PORT": "many", "MEDVAULT_OPERATOR_LOG_LEVEL": "loud"})
    said = str(refusal.value)
    for name in ("services_image", "namespace", "port", "log_level"):
        assert variable(name) in said


def test_every_setting_has_a_description() -> None:
    assert all(field.description for field in Settings.model_fields.values())
