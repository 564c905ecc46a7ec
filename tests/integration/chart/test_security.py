"""The objects that the chart installs ask for no more than they need."""

from typing import Any

from support.kubernetes.chart import Manifest, of_kind, pods


def test_every_pod_runs_under_the_restricted_level(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests):
        security = pod["spec"]["securityContext"]
        assert security["runAsNonRoot"], name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert {"hostNetwork", "hostPID", "hostIPC"} & pod["spec"].keys() == set(), name
        for container in pod["spec"]["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"], name
            assert not security["allowPrivilegeEscalation"], name
            assert security["capabilities"] == {"drop": ["ALL"]}, name


def test_no_service_gets_into_the_operators_settings(manifests: list[Manifest]) -> None:
    (deployment,) = of_kind(manifests, "Deployment")
    assert deployment["spec"]["template"]["spec"]["enableServiceLinks"] is False


def test_every_container_says_what_it_needs(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests):
        for container in pod["spec"]["containers"]:
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
            assert "memory" in container["resources"]["limits"], name


def test_probes_start_no_process(manifests: list[Manifest]) -> None:
    (deployment,) = of_kind(manifests, "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    probes = {key: probe for key, probe in container.items() if key.endswith("Probe")}
    assert probes.keys() == {"startupProbe", "livenessProbe", "readinessProbe"}
    assert all(probe["httpGet"]["port"] == "http" for probe in probes.values())


def rules(manifests: list[Manifest]) -> list[dict[str, Any]]:
    roles = [*of_kind(manifests, "Role"), *of_kind(manifests, "ClusterRole")]
    return [rule for role in roles for rule in role["rules"]]


def test_no_right_has_a_wildcard(manifests: list[Manifest]) -> None:
    words = [word for rule in rules(manifests) for words in rule.values() for word in words]
    assert [word for word in words if "*" in word] == []
