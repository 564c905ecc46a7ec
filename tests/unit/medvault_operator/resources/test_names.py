"""Names, labels and owners of a vault's objects."""

import re

import pytest

from medvault_operator.api.v1alpha1.vault import LONGEST_NAME, MedicalVault
from medvault_operator.resources.objects import API_VERSIONS
from medvault_operator.vault import labels
from medvault_operator.vault.components import SERVICES
from support.medical_vaults import EXTERNAL, ROUTED, VAULTS, vault
from support.worlds import children, furnished, missing, pod_templates


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_names_are_labels_of_at_most_63_characters(given: MedicalVault) -> None:
    for made in children(given):
        assert re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", made["metadata"]["name"])


def test_the_longest_name_leaves_room_for_what_a_statefulset_adds() -> None:
    given = vault(ROUTED, "v" * LONGEST_NAME)
    names = [one["metadata"]["name"] for one in children(given) if one["kind"] == "StatefulSet"]
    assert len(names) == 5
    assert all(len(f"{name}-0123456789") <= 63 for name in names)


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_no_two_objects_are_the_same(given: MedicalVault) -> None:
    places = [(one["kind"], one["metadata"]["name"]) for one in children(given)]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_every_object_is_found_by_its_labels_and_goes_with_its_vault(given: MedicalVault) -> None:
    for made in children(given):
        metadata = made["metadata"]
        assert metadata["namespace"] == given.namespace
        assert metadata["labels"][labels.MANAGED_BY] == "medvault-operator"
        assert metadata["labels"][labels.INSTANCE] == given.name
        (owner,) = metadata["ownerReferences"]
        assert (owner["kind"], owner["uid"], owner["controller"]) == (
            "MedicalVault",
            given.metadata.uid,
            True,
        )


def test_generated_secrets_stay_when_the_vault_goes() -> None:
    given = vault(ROUTED)
    for secret in missing(given, furnished(given, secrets={}), bytes):
        assert "ownerReferences" not in secret["metadata"]


def test_a_kind_has_one_version() -> None:
    made = [one for given in VAULTS.values() for one in children(given)]
    kinds = {one["kind"]: one["apiVersion"] for one in made} | {"Secret": "v1"}
    assert kinds == API_VERSIONS


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("ghcr.io/medvault/services:0.1.0", "0.1.0"),
        ("localhost:5001/medvault:dev", "dev"),
        ("localhost:5001/medvault", None),
        ("services:1.0@sha256:0123", "1.0"),
        ("services@sha256:0123", None),
    ],
)
def test_the_version_is_the_images_tag(image: str, version: str | None) -> None:
    assert labels.version(image).get(labels.VERSION) == version


def test_pods_say_which_version_they_run() -> None:
    pods = pod_templates(children(vault(EXTERNAL)))
    found = {pods[f"clinic-{one}"]["metadata"]["labels"][labels.VERSION] for one in SERVICES}
    assert found == {"0.1.0"}
