"""The things that any builder must be able to do with the files that images are made from."""

import json
import re
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PARTS = ("services", "operator")


def instructions(part: str) -> list[str]:
    """The Dockerfile's instructions, a line each, without comments."""
    text = (ROOT / part / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return "\n".join(lines).replace("\\\n", " ").splitlines()


def the_only(part: str, name: str) -> str:
    (found,) = [line for line in instructions(part) if line.startswith(f"{name} ")]
    return found.removeprefix(f"{name} ")


def skaffold() -> Any:
    return yaml.safe_load((ROOT / "skaffold.yaml").read_text())


@pytest.mark.parametrize("part", PARTS)
def test_an_image_is_built_with_buildkit_and_without(part: str) -> None:
    assert not [
        line for line in instructions(part) if re.search(r"--mount|<<|--link|--chmod", line)
    ]


@pytest.mark.parametrize("part", PARTS)
def test_an_image_starts_a_program_as_a_user_with_a_number(part: str) -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", the_only(part, "USER"))
    assert json.loads(the_only(part, "ENTRYPOINT"))[0] in {"medvault", "python"}
    assert not [line for line in instructions(part) if line.startswith("HEALTHCHECK")]


@pytest.mark.parametrize("part", PARTS)
def test_everything_comes_from_the_lock_with_its_digest(part: str) -> None:
    installs = [line for line in instructions(part) if "pip" in line and " install" in line]
    fetching = [line for line in installs if "--no-index" not in line]
    assert sum(line.count(" install ") - line.count("apt-get install") for line in fetching) == 3
    assert sum(line.count("--require-hashes") for line in fetching) == 3
    assert f"--extra {part} " in " ".join(installs)


@pytest.mark.parametrize("part", PARTS)
def test_the_version_is_that_of_the_project(part: str) -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"ARG VERSION={version[1]}" in instructions(part)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_copied_is_part_of_the_context(part: str) -> None:
    allowed = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    ]
    sources = [
        source
        for line in instructions(part)
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert sources
    for source in sources:
        assert source in allowed
        assert (ROOT / source).exists()


def test_skaffold_builds_both_images() -> None:
    files = [one["docker"]["dockerfile"] for one in skaffold()["build"]["artifacts"]]
    assert files == [f"{part}/Dockerfile" for part in PARTS]


def test_skaffold_sets_values_that_the_chart_has() -> None:
    (release,) = skaffold()["deploy"]["helm"]["releases"]
    values = yaml.safe_load((ROOT / release["chartPath"] / "values.yaml").read_text())
    for path in release["setValueTemplates"]:
        assert isinstance(reduce(getitem, path.split("."), values), str), path


def test_skaffold_applies_manifests_and_forwards_services_that_are_there() -> None:
    manifests = [
        manifest
        for path in skaffold()["manifests"]["rawYaml"]
        for manifest in yaml.safe_load_all((ROOT / path).read_text())
    ]
    made = {f"{one['metadata']['name']}-api" for one in manifests if one["kind"] == "MedicalVault"}
    made |= {one["metadata"]["name"] for one in manifests if one["kind"] == "Service"}
    assert {one["resourceName"] for one in skaffold()["portForward"]} == made


def test_skaffold_speaks_to_the_cluster_that_kind_makes() -> None:
    cluster = yaml.safe_load((ROOT / "k8s/kind/cluster.yaml").read_text())
    assert skaffold()["deploy"]["kubeContext"] == f"kind-{cluster['name']}"


def test_the_kind_cluster_has_a_worker_in_each_of_three_zones() -> None:
    nodes = yaml.safe_load((ROOT / "k8s/kind/cluster.yaml").read_text())["nodes"]
    assert [node["role"] for node in nodes] == ["control-plane", "worker", "worker", "worker"]
    zones = [node["labels"]["topology.kubernetes.io/zone"] for node in nodes[1:]]
    assert zones == ["zone-a", "zone-b", "zone-c"]
