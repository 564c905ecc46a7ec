"""Carrying out what was decided, over an API in memory."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from medvault_operator.kube.errors import Conflict, Refused, Terminating
from medvault_operator.kube.kinds import kind_of
from medvault_operator.observability import metrics
from medvault_operator.reconcile.applier import Applier
from medvault_operator.reconcile.plan import Written
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World
from support.kubernetes.memory import MemoryApi

WORLD = World(now=datetime(2026, 1, 1, tzinfo=UTC))
VERSIONS = {"Deployment": "apps/v1", "Service": "v1", "Secret": "v1", "Job": "batch/v1"}


def manifest(kind: str, name: str, **content: Any) -> Manifest:
    return {
        "apiVersion": VERSIONS[kind],
        "kind": kind,
        "metadata": {"name": name, "namespace": "clinics"},
        **content,
    }


API = manifest("Deployment", "clinic-api", spec={"replicas": 2})
SERVICE = manifest("Service", "clinic-api", spec={"ports": []})
SERVICE_KIND = kind_of(SERVICE)
KEY = "Deployment", "clinics", "clinic-api"


def seen(api: MemoryApi) -> World:
    """The world with everything that there is."""
    children = {(kind, name): found for (kind, _, name), found in api.objects.items()}
    return replace(WORLD, children=children)


def corrections(kind: str) -> float:
    name = "medvault_operator_drift_corrections_total"
    return metrics.REGISTRY.get_sample_value(name, {"kind": kind}) or 0.0


def test_what_is_missing_is_made_in_order_and_seen() -> None:
    api = MemoryApi()
    applier = Applier(api, WORLD, Written())
    applier.bring_about([SERVICE, API])
    assert api.writes == [("apply", "Service", "clinic-api"), ("apply", "Deployment", "clinic-api")]
    assert applier.world.children == seen(api).children
    assert (applier.problems, applier.unfinished) == ([], False)


def test_a_second_pass_over_an_untouched_cluster_writes_nothing() -> None:
    api, written = MemoryApi(), Written()
    Applier(api, WORLD, written).bring_about([SERVICE, API])
    api.writes.clear()
    Applier(api, seen(api), written).bring_about([SERVICE, API])
    assert api.writes == []


@pytest.mark.parametrize("drift", ["edited", "deleted"])
def test_drift_is_put_back_and_counted_by_kind(drift: str) -> None:
    api, written = MemoryApi(), Written()
    Applier(api, WORLD, written).bring_about([API])
    before = corrections("Deployment")
    if drift == "edited":
        api.edit(KEY, "spec", "replicas", value=0)
    else:
        api.remove(KEY)
    Applier(api, seen(api), written).bring_about([API])
    assert api.objects[KEY]["spec"]["replicas"] == 2
    assert corrections("Deployment") == before + 1


def test_what_others_added_to_lists_is_taken_away() -> None:
    """Lists are one value in memory, so that here the addition is in what apply answers."""

    class Generous(MemoryApi):
        def apply(self, manifest: Manifest, *, status: bool = False) -> Manifest:
            super().apply(manifest, status=status)
            self.edit(("Service", "clinics", "clinic-api"), "spec", "ports", value=[{"port": 1}])
            return self.list(SERVICE_KIND)[0]

    api = Generous()
    Applier(api, WORLD, Written()).bring_about([SERVICE])
    assert api.objects["Service", "clinics", "clinic-api"]["spec"]["ports"] == []
    assert api.writes[-1][0] == "overwrite"


def test_a_list_that_an_edit_makes_invalid_is_written_over_and_applied_again() -> None:
    class Strict(MemoryApi):
        def apply(self, manifest: Manifest, *, status: bool = False) -> Manifest:
            found = self.objects.get(("Service", "clinics", "clinic-api"), {})
            if found.get("spec", {}).get("ports"):
                raise Refused(422, "Invalid", "spec.ports[1].name: Duplicate value")
            return super().apply(manifest, status=status)

    api = Strict()
    Applier(api, WORLD, Written()).bring_about([SERVICE])
    api.edit(("Service", "clinics", "clinic-api"), "spec", "ports", value=[{"port": 1}])
    applier = Applier(api, seen(api), Written())
    applier.bring_about([SERVICE])
    assert applier.problems == []
    assert api.objects["Service", "clinics", "clinic-api"]["spec"]["ports"] == []


def test_what_somebody_else_owns_is_not_written_over() -> None:
    api = MemoryApi()
    api.create(SERVICE)
    api.refusals["Service"] = Refused(422, "Invalid", "Only one reference can be the controller")
    applier = Applier(api, WORLD, Written())
    applier.bring_about([SERVICE])
    assert [verb for verb, _, _ in api.writes] == ["create", "apply"]
    assert len(applier.problems) == 1


def test_a_status_that_moves_on_is_no_drift() -> None:
    api, written = MemoryApi(), Written()
    Applier(api, WORLD, written).bring_about([API])
    before = corrections("Deployment")
    api.edit(KEY, "status", "readyReplicas", value=2)
    Applier(api, seen(api), written).bring_about([API])
    assert corrections("Deployment") == before


def test_what_shall_be_otherwise_is_no_drift() -> None:
    api, written = MemoryApi(), Written()
    Applier(api, WORLD, written).bring_about([API])
    before = corrections("Deployment")
    more = manifest("Deployment", "clinic-api", spec={"replicas": 3})
    Applier(api, seen(api), written).bring_about([more])
    assert api.objects[KEY]["spec"]["replicas"] == 3
    assert corrections("Deployment") == before


def test_orphans_are_deleted_once_all_the_rest_is_applied() -> None:
    api = MemoryApi()
    api.create(SERVICE)
    applier = Applier(api, seen(api), Written())
    applier.bring_about([API])
    assert api.writes[-2:] == [
        ("apply", "Deployment", "clinic-api"),
        ("delete", "Service", "clinic-api"),
    ]
    assert set(applier.world.children) == {("Deployment", "clinic-api")}


def test_nothing_is_deleted_while_something_is_refused() -> None:
    api = MemoryApi()
    api.create(SERVICE)
    api.refusals["Deployment"] = Refused(422, "Invalid", "spec.replicas: must not be negative")
    applier = Applier(api, seen(api), Written())
    applier.bring_about([API])
    assert applier.problems == [
        "Deployment clinic-api: Invalid: spec.replicas: must not be negative"
    ]
    assert ("Service", "clinics", "clinic-api") in api.objects


def test_what_is_refused_does_not_keep_the_rest_from_being_applied() -> None:
    api = MemoryApi()
    api.refusals["Service"] = Refused(403, "Forbidden", "exceeded quota")
    applier = Applier(api, WORLD, Written())
    applier.bring_about([SERVICE, API])
    assert KEY in api.objects
    assert applier.problems == ["Service clinic-api: Forbidden: exceeded quota"]


def test_a_conflict_is_tried_again_without_a_complaint() -> None:
    api = MemoryApi()
    api.refusals["Deployment"] = Conflict(409, "Conflict")
    applier = Applier(api, WORLD, Written())
    applier.bring_about([API])
    assert (applier.problems, applier.unfinished) == ([], True)


def test_a_namespace_that_is_being_deleted_ends_the_pass() -> None:
    api = MemoryApi()
    api.refusals["Service"] = Terminating(403, "Forbidden")
    with pytest.raises(Terminating):
        Applier(api, WORLD, Written()).bring_about([SERVICE, API])
    assert KEY not in api.objects


def test_a_secret_is_made_once_and_its_keys_are_seen() -> None:
    api = MemoryApi()
    applier = Applier(api, WORLD, Written())
    applier.create([manifest("Secret", "clinic-keys", stringData={"keys": "k1:a"})])
    found = api.objects["Secret", "clinics", "clinic-keys"]
    version = found["metadata"]["resourceVersion"]
    assert applier.world.secrets == {"clinic-keys": Secret(frozenset({"keys"}), version)}


def test_a_secret_that_appeared_meanwhile_stays_as_it_is() -> None:
    api = MemoryApi()
    api.create(manifest("Secret", "clinic-keys", stringData={"keys": "k1:the first"}))
    first = api.objects["Secret", "clinics", "clinic-keys"]
    applier = Applier(api, WORLD, Written())
    applier.create([manifest("Secret", "clinic-keys", stringData={"keys": "k1:the second"})])
    assert api.objects["Secret", "clinics", "clinic-keys"] == first
    assert applier.unfinished


def test_a_secret_that_is_refused_is_named_without_its_content() -> None:
    api = MemoryApi()
    api.refusals["Secret"] = Refused(403, "Forbidden")
    applier = Applier(api, WORLD, Written())
    applier.create([manifest("Secret", "clinic-keys", stringData={"keys": "k1:hunter2"})])
    assert applier.problems == ["Secret clinic-keys: Forbidden"]


def test_only_what_exists_is_deleted() -> None:
    api = MemoryApi()
    api.create(manifest("Job", "clinic-migrate-1"))
    applier = Applier(api, seen(api), Written())
    applier.delete([("Job", "clinic-migrate-1"), ("Job", "clinic-migrate-2")])
    assert api.objects == {}
    assert applier.world.children == {}


def test_replicas_that_are_left_to_an_autoscaler_stay_as_they_are() -> None:
    api = MemoryApi()
    Applier(api, WORLD, Written()).bring_about([API])
    api.edit(KEY, "spec", "replicas", value=5)
    left = manifest("Deployment", "clinic-api", spec={"paused": False})
    Applier(api, seen(api), Written()).bring_about([left])
    assert api.objects[KEY]["spec"] == {"replicas": 5, "paused": False}
    Applier(api, seen(api), Written()).bring_about([API])
    assert api.objects[KEY]["spec"] == {"replicas": 2}
