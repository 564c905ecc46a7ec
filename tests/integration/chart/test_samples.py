"""Every MedicalVault that is shown is one that the API server and the operator would take."""

from pathlib import Path

import pytest
import yaml

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.credentials import Credentials
from support.kubernetes.chart import CHART, Manifest, notes, objects, of_kind, read
from support.kubernetes.programs import ROOT
from support.kubernetes.schemas import validate

K8S = ROOT / "k8s"
FILES = sorted([*(K8S / "samples").glob("*.yaml"), *(K8S / "overlays").glob("*/vault.yaml")])
SAMPLES = [path for path in FILES if of_kind(read(path), "MedicalVault")]
SECRETS = {
    one["metadata"]["name"]: set(one["stringData"])
    for one in read(K8S / "samples" / "secrets.yaml")
}


@pytest.fixture(params=SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def sample(request: pytest.FixtureRequest) -> Manifest:
    """Each vault in turn."""
    (found,) = read(request.param)
    return found


def parsed(manifest: Manifest) -> MedicalVault:
    """A vault as the operator reads it."""
    metadata = {"uid": "0c5a", "namespace": "clinic", **manifest["metadata"]}
    return MedicalVault.parse({**manifest, "metadata": metadata})


def test_it_is_what_the_definition_asks_for(sample: Manifest, tmp_path: Path) -> None:
    validate([sample], tmp_path)


def test_the_operator_reads_all_of_it(sample: Manifest) -> None:
    understood = parsed(sample).spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert understood == sample["spec"]


def test_every_secret_that_it_needs_is_shown_with_its_keys(sample: Manifest) -> None:
    asked = [one for one in Credentials.of(parsed(sample)).needed if not one.generated]
    assert asked
    for one in asked:
        assert one.lacking(frozenset(SECRETS[one.name])) == []
        assert set(one.own) <= SECRETS[one.name]


def test_there_are_samples_of_every_size() -> None:
    names = [path.stem for path in SAMPLES]
    assert {"smallest", "practice", "clinic", "large-clinic", "vault"} == set(names)


def test_the_smallest_says_nothing_that_it_need_not() -> None:
    (smallest,) = read(K8S / "samples" / "smallest.yaml")
    definition = yaml.safe_load((CHART / "crd" / "medicalvaults.yaml").read_text())
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert set(smallest["spec"]) == set(schema["properties"]["spec"]["required"])


def test_the_vault_in_the_notes_is_one(tmp_path: Path) -> None:
    text = notes().partition("kubectl apply -f - <<END\n")[2].partition("  END\n")[0]
    (vault,) = objects(text)
    validate([vault], tmp_path)
    assert parsed(vault).spec.scanner.managed


def test_the_example_on_artifact_hub_is_one(tmp_path: Path) -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    (vault,) = yaml.safe_load(chart["annotations"]["artifacthub.io/crdsExamples"])
    validate([vault], tmp_path)
    assert parsed(vault).name == "clinic"
