"""The kustomizations build, and what they amount to is well formed and restricted."""

from pathlib import Path
from typing import Any

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources import services
from support.kubernetes.chart import Manifest, objects, of_kind, pods
from support.kubernetes.programs import ROOT, kustomize
from support.kubernetes.schemas import validate

K8S = ROOT / "k8s"
OPERATOR = "medvault-operator"
FOLDERS = ["base", "overlays/kind", "overlays/production"]


@pytest.fixture(scope="module", params=FOLDERS)
def built(request: pytest.FixtureRequest) -> list[Manifest]:
    """All objects of one kustomization."""
    return objects(kustomize(K8S / request.param))


@pytest.fixture(scope="module")
def trial() -> list[Manifest]:
    """All objects of a trial in kind."""
    return objects(kustomize(K8S / "overlays" / "kind"))


def test_the_oldest_kubernetes_would_take_it(built: list[Manifest], tmp_path: Path) -> None:
    validate(built, tmp_path)


def test_every_namespace_enforces_the_restricted_level(built: list[Manifest]) -> None:
    for namespace in of_kind(built, "Namespace"):
        labels = namespace["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_pod_meets_the_restricted_level(built: list[Manifest]) -> None:
    for name, pod in pods(built):
        assert pod["spec"]["securityContext"]["runAsNonRoot"], name
        for container in pod["spec"]["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"], name
            assert security["capabilities"] == {"drop": ["ALL"]}, name


def test_nothing_is_in_a_namespace_that_is_not_made(built: list[Manifest]) -> None:
    made = {one["metadata"]["name"] for one in of_kind(built, "Namespace")}
    used = {one["metadata"].get("namespace") for one in built} - {None}
    assert used <= made


def test_a_trial_runs_what_was_built_here(trial: list[Manifest]) -> None:
    containers = [one for _, pod in pods(trial) for one in pod["spec"]["containers"]]
    told = {one.get("value", "") for container in containers for one in container.get("env", [])}
    named = {container["image"] for container in containers} | told
    ours = {name for name in named if name.startswith("ghcr.io/")}
    assert ours == {"ghcr.io/medvault/operator:dev", "ghcr.io/medvault/services:dev"}


def settings(container: dict[str, Any]) -> dict[str, str]:
    """A container's environment."""
    return {one["name"]: one["value"] for one in container["env"]}


def test_simulator_and_vault_agree(trial: list[Manifest]) -> None:
    (vault,) = of_kind(trial, "MedicalVault")
    (simulator,) = dict(pods(trial))["Deployment simulator"]["spec"]["containers"]
    (service,) = (
        one for one in of_kind(trial, "Service") if one["metadata"]["name"] == "simulator"
    )
    number = settings(simulator)["MEDVAULT_WHATSAPP_PHONE_NUMBER_ID"]
    address = vault["spec"]["whatsapp"]["baseUrl"]
    place = service["metadata"]
    assert vault["spec"]["whatsapp"]["phoneNumberId"] == number
    assert f"--public-url={address}" in simulator["args"]
    assert address == f"http://{place['name']}.{place['namespace']}.svc:8090"


def test_the_simulators_webhooks_reach_the_vaults_api(trial: list[Manifest]) -> None:
    (found,) = of_kind(trial, "MedicalVault")
    found["metadata"]["uid"] = "0c5a"
    service = services.api(MedicalVault.parse(found))
    (simulator,) = dict(pods(trial))["Deployment simulator"]["spec"]["containers"]
    port = service["spec"]["ports"][0]
    place = service["metadata"]
    assert (port["name"], port["port"]) == ("http", 80)
    address = f"http://{place['name']}.{place['namespace']}.svc/webhook/whatsapp"
    assert f"--webhook-url={address}" in simulator["args"]


@pytest.mark.parametrize("overlay", ["overlays/kind", "overlays/production"])
def test_the_operator_looks_after_the_clinic_and_has_rights_there_alone(overlay: str) -> None:
    found = objects(kustomize(K8S / overlay))
    for kind in ("Role", "RoleBinding"):
        named = [one for one in of_kind(found, kind) if one["metadata"]["name"] == OPERATOR]
        assert [one["metadata"]["namespace"] for one in named] == ["clinic"]
    (container,) = dict(pods(found))[f"Deployment {OPERATOR}"]["spec"]["containers"]
    told = {one["name"]: one.get("value") for one in container["env"]}
    assert told["MEDVAULT_OPERATOR_WATCH_NAMESPACES"] == "clinic"
