"""Within 30 seconds the operator puts back what others change or delete; it leaves their own."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from medvault_operator.kube.api import Api
from medvault_operator.kube.kinds import SECRET
from medvault_operator.world.manifest import Manifest
from support.kubernetes.live_vault import WITHIN, LiveVault, kind_named
from support.kubernetes.operators import Operator
from support.servers.waiting import wait_until

KINDS = (
    "ConfigMap",
    "Deployment",
    "Job",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Service",
    "ServiceAccount",
    "StatefulSet",
)
"""Every kind that a vault without an entrance owns in any cluster."""
PART_OF = "app.kubernetes.io/part-of"


def one_of(vault: LiveVault, kind: str) -> Manifest:
    found = sorted(
        (child for child in vault.children() if child["kind"] == kind),
        key=lambda child: str(child["metadata"]["name"]),
    )
    assert found, f"the vault owns no {kind}"
    return found[0]


def again(vault: LiveVault, child: Manifest) -> Manifest | None:
    metadata = child["metadata"]
    return vault.api.get(kind_named(child["kind"]), metadata["namespace"], metadata["name"])


def edited(vault: LiveVault, child: Manifest, edit: Callable[[Manifest], None]) -> None:
    """Change an object as `kubectl edit` does."""
    changed = deepcopy(again(vault, child))
    assert changed is not None
    edit(changed)
    vault.api.replace(changed)


def put_back(vault: LiveVault, child: Manifest, part: Callable[[Manifest], Any]) -> None:
    """Wait until a part of an object is what it was."""

    def as_before() -> bool:
        found = again(vault, child)
        return found is not None and part(found) == part(child)

    what = f"{child['kind']} {child['metadata']['name']} put back"
    wait_until(as_before, seconds=WITHIN, what=what, every=0.1)


def labelled_again(vault: LiveVault, child: Manifest) -> None:
    """Wait until an object has its labels; Kubernetes gives a Job without any its template's."""
    wanted = child["metadata"]["labels"]
    put_back(
        vault,
        child,
        lambda one: {name: one["metadata"].get("labels", {}).get(name) for name in wanted},
    )


def owners(child: Manifest) -> Any:
    return child["metadata"].get("ownerReferences")


def test_these_are_all_kinds_of_children(settled: LiveVault) -> None:
    assert {child["kind"] for child in settled.children()} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_deleted_comes_back(settled: LiveVault, kind: str) -> None:
    child = one_of(settled, kind)
    settled.api.delete(child)

    def reborn() -> bool:
        found = again(settled, child)
        return found is not None and found["metadata"]["uid"] != child["metadata"]["uid"]

    wait_until(reborn, seconds=WITHIN, what=f"{kind} made anew", every=0.1)
    labelled_again(settled, child)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_that_are_edited_are_put_back(settled: LiveVault, kind: str) -> None:
    child = one_of(settled, kind)
    edited(settled, child, lambda found: found["metadata"]["labels"].update({PART_OF: "theirs"}))
    labelled_again(settled, child)


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_that_loses_its_labels_and_its_owner_is_found_again(
    settled: LiveVault, kind: str
) -> None:
    child = one_of(settled, kind)

    def strip(found: Manifest) -> None:
        found["metadata"]["labels"] = {}
        found["metadata"]["ownerReferences"] = []

    edited(settled, child, strip)
    labelled_again(settled, child)
    put_back(settled, child, owners)


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_replicas_that_are_edited_are_put_back(settled: LiveVault, kind: str) -> None:
    child = one_of(settled, kind)
    edited(settled, child, lambda found: found["spec"].update(replicas=0))
    put_back(settled, child, lambda found: found["spec"]["replicas"])


def test_an_image_that_is_edited_is_put_back(settled: LiveVault) -> None:
    child = one_of(settled, "Deployment")

    def other_image(found: Manifest) -> None:
        found["spec"]["template"]["spec"]["containers"][0]["image"] = "nobody.example/other:1"

    edited(settled, child, other_image)
    put_back(settled, child, lambda found: found["spec"]["template"]["spec"]["containers"][0])


def test_ports_that_are_edited_are_put_back(settled: LiveVault) -> None:
    child = one_of(settled, "Service")
    edited(settled, child, lambda found: found["spec"]["ports"][0].update(port=1234))
    put_back(settled, child, lambda found: found["spec"]["ports"])


def test_variables_and_containers_that_are_added_are_taken_away(settled: LiveVault) -> None:
    child = one_of(settled, "Deployment")

    def add(found: Manifest) -> None:
        containers = found["spec"]["template"]["spec"]["containers"]
        containers[0].setdefault("env", []).append({"name": "THEIRS", "value": "1"})
        containers.append({"name": "theirs", "image": "nobody.example/theirs:1"})

    edited(settled, child, add)
    put_back(settled, child, lambda found: found["spec"]["template"]["spec"]["containers"])


def test_drift_is_counted_by_kind(settled: LiveVault, operator: Operator) -> None:
    series = 'medvault_operator_drift_corrections_total{kind="ServiceAccount"}'
    before = operator.metric(series)
    child = one_of(settled, "ServiceAccount")
    edited(settled, child, lambda found: found["metadata"]["labels"].update({PART_OF: "theirs"}))
    labelled_again(settled, child)
    wait_until(lambda: operator.metric(series) > before, seconds=5, what="the drift counted")


def test_annotations_that_others_add_stay(settled: LiveVault) -> None:
    child = one_of(settled, "Deployment")

    def annotate(found: Manifest) -> None:
        found["metadata"].setdefault("annotations", {})["theirs.example/note"] = "stays"
        found["spec"]["replicas"] = 0

    edited(settled, child, annotate)
    put_back(settled, child, lambda found: found["spec"]["replicas"])
    found = again(settled, child)
    assert found is not None
    assert found["metadata"]["annotations"]["theirs.example/note"] == "stays"


def test_orphans_are_deleted_and_what_others_own_is_not(settled: LiveVault, api: Api) -> None:
    pattern = one_of(settled, "Service")
    orphan = made_like(pattern, "clinic-of-yesterday")
    stranger = made_like(pattern, "clinic-of-somebody")
    stranger["metadata"]["ownerReferences"] = []
    api.create(stranger)
    api.create(orphan)
    wait_until(lambda: again(settled, orphan) is None, seconds=WITHIN, what="the orphan deleted")
    assert again(settled, stranger) is not None
    api.delete(api.get(kind_named("Service"), settled.namespace, "clinic-of-somebody") or {})


def made_like(pattern: Manifest, name: str) -> Manifest:
    metadata = {key: pattern["metadata"][key] for key in ("namespace", "labels", "ownerReferences")}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, **deepcopy(metadata)},
        "spec": {"ports": [{"port": 80}]},
    }


def test_secrets_that_were_generated_have_no_owner_and_are_never_overwritten(
    settled: LiveVault,
) -> None:
    generated = {
        name: secret for name, secret in settled.secrets().items() if name.startswith("clinic-")
    }
    assert {"clinic-keys", "clinic-database", "clinic-broker", "clinic-storage"} <= set(generated)
    assert not any("ownerReferences" in secret["metadata"] for secret in generated.values())
    mine = deepcopy(generated["clinic-broker"])
    mine["metadata"]["annotations"] = {"theirs.example/note": "edited"}
    edited_secret = settled.api.replace(mine)
    settled.api.delete(one_of(settled, "ServiceAccount"))
    wait_until(
        lambda: any(child["kind"] == "ServiceAccount" for child in settled.children()),
        seconds=WITHIN,
        what="another pass of the operator",
    )
    assert settled.api.get(SECRET, settled.namespace, "clinic-broker") == edited_secret
