"""The choices that an administrator has, and what comes of them."""

from typing import Any

import pytest

from medvault_operator.runtime.settings import Settings, load, variable
from medvault_operator.vault.installation import Network, operator_of
from support.kubernetes.chart import (
    NAMESPACE,
    VALUES,
    Manifest,
    notes,
    objects,
    of_kind,
    rendered,
    rendered_with,
)
from support.kubernetes.programs import ProgramError

SERVED = ("--api-versions", "monitoring.coreos.com/v1/ServiceMonitor")
METADATA_NAME = "kubernetes.io/metadata.name"
KEEP = {"helm.sh/resource-policy": "keep"}


def chosen(value: str) -> list[Manifest]:
    """The release with one value set."""
    return rendered("--set", value)


def operator(manifests: list[Manifest]) -> dict[str, Any]:
    """The operator's container."""
    (deployment,) = of_kind(manifests, "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = container
    return found


def setting(manifests: list[Manifest], name: str) -> str | None:
    """The value that the operator is given for a setting."""
    told = {one["name"]: one.get("value") for one in operator(manifests)["env"]}
    return told.get(f"MEDVAULT_OPERATOR_{name}")


def test_the_definition_stays_when_the_release_goes() -> None:
    (definition,) = of_kind(rendered(), "CustomResourceDefinition")
    assert definition["metadata"]["annotations"] == KEEP


def test_the_definition_may_go_with_the_release() -> None:
    (definition,) = of_kind(chosen("crds.keep=false"), "CustomResourceDefinition")
    assert "annotations" not in definition["metadata"]


def test_the_definition_may_come_from_elsewhere() -> None:
    assert of_kind(chosen("crds.enabled=false"), "CustomResourceDefinition") == []
    assert "does not know MedicalVault" in notes("--set", "crds.enabled=false")


def test_an_old_kubernetes_is_refused() -> None:
    with pytest.raises(ProgramError, match=r"requires kubeVersion: >=1\.30\.0-0 .* v1\.29\.14"):
        rendered("--kube-version", "v1.29.14")


@pytest.mark.parametrize("version", ["v1.30.0", "v1.33.1-eks-a1b2c3", "v1.35.2-gke.100"])
def test_a_vendors_kubernetes_is_taken(version: str) -> None:
    assert of_kind(rendered("--kube-version", version), "Deployment")


@pytest.mark.parametrize(
    ("choice", "options", "made"),
    [
        ("auto", (), False),
        ("auto", SERVED, True),
        ("enabled", (), True),
        ("disabled", SERVED, False),
    ],
)
def test_a_monitor_is_made_where_its_kind_is_served(
    choice: str, options: tuple[str, ...], made: bool
) -> None:
    found = of_kind(
        rendered("--set", f"monitoring.serviceMonitor={choice}", *options), "ServiceMonitor"
    )
    assert bool(found) == made


def test_a_monitor_has_the_labels_that_prometheus_selects() -> None:
    (monitor,) = of_kind(rendered_with("production"), "ServiceMonitor")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    assert monitor["spec"]["endpoints"] == [{"port": "http", "path": "/metrics", "interval": "1m"}]


@pytest.mark.parametrize(("replicas", "budgets"), [(1, 0), (2, 1), (3, 1)])
def test_a_budget_never_blocks_the_only_operator(replicas: int, budgets: int) -> None:
    assert len(of_kind(chosen(f"replicas={replicas}"), "PodDisruptionBudget")) == budgets


def test_an_image_is_named_by_tag_or_digest() -> None:
    assert operator(rendered())["image"] == "ghcr.io/medvault/operator:0.1.0"
    assert operator(chosen("image.tag=1.2.3"))["image"] == "ghcr.io/medvault/operator:1.2.3"
    image = operator(rendered_with("production"))["image"]
    assert image.startswith("registry.example.org/medvault/operator@sha256:")


def test_vaults_get_the_services_image_of_the_release() -> None:
    assert setting(rendered(), "SERVICES_IMAGE") == "ghcr.io/medvault/services:0.1.0"
    image = "registry.example.org/medvault/services:0.1.0-rc.1"
    assert setting(rendered_with("production"), "SERVICES_IMAGE") == image


def test_the_operator_knows_every_setting_that_it_is_given(manifests: list[Manifest]) -> None:
    told = {one["name"] for one in operator(manifests)["env"]}
    assert told <= {variable(name) for name in Settings.model_fields}
    assert variable("services_image") in told


def test_the_operators_probes_are_on_the_port_that_it_opens() -> None:
    (port,) = operator(rendered())["ports"]
    assert port["containerPort"] == Settings.model_fields["port"].default


def test_the_operator_watches_the_releases_namespace_or_those_named_or_the_cluster() -> None:
    assert setting(rendered(), "WATCH_NAMESPACES") == NAMESPACE
    assert setting(rendered_with("namespace"), "WATCH_NAMESPACES") == NAMESPACE
    assert setting(rendered_with("production"), "WATCH_NAMESPACES") == "clinic practice"
    assert setting(rendered_with("cluster"), "WATCH_NAMESPACES") is None


def test_a_vault_of_the_releases_own_is_always_watched() -> None:
    chosen = ("--values", str(VALUES["vault"]), "--set", "watch.namespaces={clinic}")
    assert setting(rendered(*chosen), "WATCH_NAMESPACES") == f"clinic {NAMESPACE}"


def test_namespaces_and_the_whole_cluster_exclude_each_other() -> None:
    with pytest.raises(ProgramError, match="exclude each other"):
        rendered("--set", "rbac.scope=cluster", "--set", "watch.namespaces={clinic}")


def test_the_operator_is_told_the_cluster_around_vaults() -> None:
    own = operator_of(NAMESPACE)
    assert told(rendered()) == Network(operator=(own,))
    entrance = {"namespaceSelector": {"matchLabels": {METADATA_NAME: "ingress-nginx"}}}
    dns = {"ipBlock": {"cidr": "169.254.20.10/32"}}
    assert told(rendered_with("production")) == Network((dns,), (entrance,), (), (own,))


def told(manifests: list[Manifest]) -> Network:
    """The network as the operator understands it."""
    given = {
        variable(name.lower()): setting(manifests, name) or ""
        for name in ("SERVICES_IMAGE", "DNS_PEERS", "ENTRANCE_PEERS", "METRICS_PEERS")
    }
    return load({**given, variable("namespace"): NAMESPACE}).network


def test_a_vault_is_applied_by_a_job_once_its_kind_is_there() -> None:
    (job,) = of_kind(rendered_with("vault"), "Job")
    assert "post-install" in job["metadata"]["annotations"]["helm.sh/hook"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    told = {one["name"]: one["value"] for one in container["env"]}
    (vault,) = objects(told["VAULT"])
    assert vault["metadata"]["name"] == "clinic"
    assert vault["metadata"]["namespace"] == NAMESPACE
    assert vault["spec"]["database"] == {"managed": {}}


def test_who_applies_a_vault_may_do_so_and_nothing_else() -> None:
    (role,) = (
        one for one in of_kind(rendered_with("vault"), "Role") if "apply" in one["metadata"]["name"]
    )
    named, unnamed = role["rules"]
    assert {word for rule in role["rules"] for word in rule["resources"]} == {"medicalvaults"}
    assert (named["resourceNames"], named["verbs"]) == (["clinic"], ["patch"])
    assert unnamed["verbs"] == ["create"]


def test_the_notes_name_the_next_command() -> None:
    assert f"kubectl get medicalvault vault -n {NAMESPACE}" in notes()
    everywhere = notes("--values", str(VALUES["cluster"]))
    assert "kubectl get medicalvault vault -n clinic" in everywhere
    assert "every Secret" in everywhere
    assert "kubectl get medicalvault clinic" in notes("--values", str(VALUES["vault"]))
    assert f"-n {NAMESPACE}" in notes("--values", str(VALUES["namespace"]))
