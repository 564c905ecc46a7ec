"""Files made from the chart, and facts that stand in two places, are the same everywhere."""

import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from support.kubernetes.chart import CHART
from support.kubernetes.programs import ROOT, installed

CHART_FILE = yaml.safe_load((CHART / "Chart.yaml").read_text())
ANNOTATIONS = {
    name.removeprefix("artifacthub.io/"): yaml.safe_load(value)
    for name, value in CHART_FILE["annotations"].items()
}
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
REGENERATE = "run: make manifests"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `make manifests` writes."""
    installed("helm-docs")
    folder = tmp_path_factory.mktemp("made")
    subprocess.run([str(ROOT / "charts" / "render"), str(folder)], check=True, capture_output=True)
    return folder


def test_the_charts_page_is_what_helm_docs_makes_of_it(made: Path) -> None:
    page = Path("charts") / "vault" / "README.md"
    assert (ROOT / page).read_text() == (made / page).read_text(), REGENERATE


def test_the_base_is_what_helm_makes_of_the_chart(made: Path) -> None:
    by_hand = {"kustomization.yaml", "namespace.yaml"}
    base = ROOT / "k8s" / "base"
    rendered = {path.name: path.read_text() for path in (made / "k8s" / "base").iterdir()}
    kept = {path.name: path.read_text() for path in base.iterdir() if path.name not in by_hand}
    assert kept == rendered, REGENERATE


@pytest.mark.parametrize("overlay", ["kind", "production"])
def test_an_overlays_rights_are_those_of_the_chart(made: Path, overlay: str) -> None:
    rights = Path("k8s") / "overlays" / overlay / "rbac.yaml"
    assert (ROOT / rights).read_text() == (made / rights).read_text(), REGENERATE


def test_the_base_leaves_nothing_out() -> None:
    base = ROOT / "k8s" / "base"
    listed = yaml.safe_load((base / "kustomization.yaml").read_text())["resources"]
    files = {path.name for path in base.iterdir()} - {"kustomization.yaml"}
    assert set(listed) == files | {"../../charts/vault/crd"}


def test_chart_and_distribution_have_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert CHART_FILE["appVersion"] == project["version"]


def test_artifact_hub_is_told_the_images_that_run() -> None:
    told = {one["name"]: one["image"] for one in ANNOTATIONS["images"]}
    version = CHART_FILE["appVersion"]
    assert told == {
        "operator": f"{VALUES['image']['repository']}:{version}",
        "services": f"{VALUES['services']['image']['repository']}:{version}",
    }


def test_artifact_hub_is_told_the_kind_that_is_defined() -> None:
    definition = yaml.safe_load((CHART / "crd" / "medicalvaults.yaml").read_text())
    (told,) = ANNOTATIONS["crds"]
    assert told["name"] == definition["metadata"]["name"]
    assert told["kind"] == definition["spec"]["names"]["kind"]
    assert told["version"] == definition["spec"]["versions"][0]["name"]
