"""The rules that hold for every pod of every vault."""

from collections.abc import Iterator
from typing import Any

import pytest

from medvault_operator.vault import labels
from medvault_operator.vault.components import SERVICES
from medvault_operator.world.manifest import Manifest
from support.medical_vaults import LARGE, VAULTS, vault
from support.worlds import children, containers, pod_templates

PODS = {
    f"{name}: {workload}": template
    for name, given in VAULTS.items()
    for workload, template in pod_templates(children(given)).items()
}
CONTAINERS = {
    f"{name}/{container['name']}": container
    for name, template in PODS.items()
    for container in containers(template)
}
WORKLOADS = {
    f"{name}: {one['kind']} {one['metadata']['name']}": one
    for name, given in VAULTS.items()
    for one in children(given)
    if "selector" in one.get("spec", {}) and "template" in one["spec"]
}
HARMLESS = {"configMap", "emptyDir", "projected", "secret", "persistentVolumeClaim"}


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_a_pod_conforms_to_the_restricted_level(pod: Manifest) -> None:
    context = pod["spec"]["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] > 0
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {"hostNetwork", "hostPID", "hostIPC"} & pod["spec"].keys() == set()
    kinds = {kind for volume in pod["spec"]["volumes"] for kind in volume.keys() - {"name"}}
    assert kinds <= HARMLESS


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_a_container_can_gain_nothing_and_write_nothing(container: Manifest) -> None:
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_a_pod_has_no_access_to_the_cluster(pod: Manifest) -> None:
    assert pod["spec"]["automountServiceAccountToken"] is False


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_probes_run_no_program(container: Manifest) -> None:
    probes = [probe for name, probe in container.items() if name.endswith("Probe")]
    assert all({"httpGet", "tcpSocket"} & probe.keys() for probe in probes)
    assert not any("exec" in probe for probe in probes)


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_probes_ask_a_port_that_the_container_has(container: Manifest) -> None:
    ports = {port["name"] for port in container.get("ports", ())}
    asked = {
        (probe.get("httpGet") or probe["tcpSocket"])["port"]
        for name, probe in container.items()
        if name.endswith("Probe")
    }
    assert asked <= ports


def test_whatever_runs_all_the_time_is_probed() -> None:
    without = [
        name
        for name, workload in WORKLOADS.items()
        if not {"startupProbe", "livenessProbe", "readinessProbe"}
        <= workload["spec"]["template"]["spec"]["containers"][0].keys()
    ]
    assert without == []


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_cpu_and_memory_are_set_aside(container: Manifest) -> None:
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_every_mount_has_its_volume(pod: Manifest) -> None:
    volumes = {volume["name"] for volume in pod["spec"]["volumes"]} | {"data"}
    mounts = {mount["name"] for one in containers(pod) for mount in one["volumeMounts"]}
    assert mounts <= volumes
    assert volumes - {"data"} <= mounts


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS)
def test_a_selector_matches_its_template_and_never_changes(workload: Manifest) -> None:
    selected = workload["spec"]["selector"]["matchLabels"]
    assert selected.keys() == {labels.NAME, labels.INSTANCE, labels.COMPONENT}
    assert selected.items() <= workload["spec"]["template"]["metadata"]["labels"].items()


def test_every_service_selects_the_pods_of_one_component() -> None:
    for given in VAULTS.values():
        made = children(given)
        pods = [pod["metadata"]["labels"] for pod in pod_templates(made).values()]
        for service in (one for one in made if one["kind"] == "Service"):
            chosen = service["spec"]["selector"].items()
            hit = {pod[labels.COMPONENT] for pod in pods if chosen <= pod.items()}
            assert hit == {service["metadata"]["labels"][labels.COMPONENT]}


def test_every_port_of_a_service_is_a_port_of_its_pods() -> None:
    for given in VAULTS.values():
        made = children(given)
        pods = pod_templates(made)
        for service in (one for one in made if one["kind"] == "Service"):
            first = pods[service["metadata"]["name"]]["spec"]["containers"][0]
            names = {port["name"] for port in first["ports"]}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= names


def spreads(pod: Manifest) -> Iterator[tuple[str, Any]]:
    """By what a pod is spread, and what happens when that can't be."""
    for constraint in pod["spec"]["topologySpreadConstraints"]:
        yield constraint["topologyKey"], constraint["whenUnsatisfiable"]


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
@pytest.mark.parametrize("component", SERVICES)
def test_processes_are_spread_over_zones_and_nodes(given: Any, component: str) -> None:
    pod = pod_templates(children(given))[f"{given.name}-{component}"]
    assert dict(spreads(pod)) == {
        given.spec.topology.zone_key: given.spec.topology.when_unsatisfiable,
        "kubernetes.io/hostname": "ScheduleAnyway",
    }
    for constraint in pod["spec"]["topologySpreadConstraints"]:
        chosen = constraint["labelSelector"]["matchLabels"]
        assert chosen.items() <= pod["metadata"]["labels"].items()


def test_pods_go_where_the_topology_says() -> None:
    for pod in pod_templates(children(vault(LARGE))).values():
        assert pod["spec"]["nodeSelector"] == {"kubernetes.io/os": "linux"}
        assert pod["spec"]["tolerations"] == [
            {"key": "clinic", "operator": "Exists", "effect": "NoSchedule"}
        ]
        assert pod["spec"]["priorityClassName"] == "clinic-critical"
        assert pod["spec"]["imagePullSecrets"] == [{"name": "registry"}]
