"""The steps that are left until the objects that exist are those that shall be."""

from copy import deepcopy
from typing import Any

import pytest

from medvault_operator.reconcile.plan import Written, content, differs, plan, surplus
from medvault_operator.world.manifest import Manifest


def manifest(kind: str, name: str, **spec: Any) -> Manifest:
    return {"kind": kind, "metadata": {"name": name, "namespace": "clinics"}, "spec": spec}


def stored(wanted: Manifest, version: int, **metadata: Any) -> Manifest:
    found = deepcopy(wanted)
    found["metadata"] |= {"resourceVersion": str(version), "uid": "1", **metadata}
    return found


def places(*manifests: Manifest) -> dict[tuple[str, str], Manifest]:
    return {(found["kind"], found["metadata"]["name"]): found for found in manifests}


API = manifest("Deployment", "clinic-api", replicas=2)
SERVICE = manifest("Service", "clinic-api", port=8000)


def test_what_is_missing_is_applied_in_the_order_given() -> None:
    assert plan([SERVICE, API], {}, Written()).apply == (SERVICE, API)


def test_what_was_never_applied_by_this_process_is_applied_once() -> None:
    assert plan([API], places(stored(API, 1)), Written()).apply == (API,)


def test_what_nobody_touched_since_is_left_alone() -> None:
    written = Written()
    written.note(API, stored(API, 7))
    assert plan([API], places(stored(API, 7)), written).apply == ()


def test_what_has_another_version_by_now_is_applied_again() -> None:
    written = Written()
    written.note(API, stored(API, 7))
    assert plan([API], places(stored(API, 8)), written).apply == (API,)


def test_what_shall_be_otherwise_by_now_is_applied() -> None:
    written = Written()
    written.note(API, stored(API, 7))
    more = manifest("Deployment", "clinic-api", replicas=3)
    assert plan([more], places(stored(API, 7)), written).apply == (more,)
    assert not written.before(more)


def test_what_is_no_longer_wanted_is_deleted() -> None:
    orphan = stored(SERVICE, 1)
    assert plan([API], places(stored(API, 1), orphan), Written()).prune == (orphan,)


def test_what_is_being_deleted_is_not_deleted_again() -> None:
    going = stored(SERVICE, 1, deletionTimestamp="2026-01-01T00:00:00Z")
    assert plan([], places(going), Written()).prune == ()


def test_data_and_what_opens_it_are_never_deleted() -> None:
    kept = [
        stored(manifest(kind, "clinic-database"), 1) for kind in ("Secret", "PersistentVolumeClaim")
    ]
    assert plan([], places(*kept), Written()).prune == ()


def test_versions_and_status_alone_are_no_difference() -> None:
    before = stored(API, 1) | {"status": {"readyReplicas": 1}}
    after = stored(API, 2, generation=2, managedFields=[{}]) | {"status": {"readyReplicas": 2}}
    assert not differs(before, after)


def test_content_labels_and_absence_are_a_difference() -> None:
    assert differs(None, stored(API, 1))
    assert differs(stored(manifest("Deployment", "clinic-api", replicas=0), 1), stored(API, 2))
    assert differs(stored(API, 1, labels={}), stored(API, 2, labels={"a": "b"}))


@pytest.mark.parametrize(
    ("found", "more"),
    [
        ({"ports": [{"port": 8000, "protocol": "TCP"}], "type": "ClusterIP"}, False),
        ({"ports": [{"port": 8000}, {"port": 1234}]}, True),
        ({"ports": []}, False),
        ({}, False),
    ],
)
def test_entries_that_lists_have_too_many_are_seen_and_other_fields_are_not(
    found: dict[str, Any], more: bool
) -> None:
    assert surplus({"ports": [{"port": 8000}]}, found) is more


def test_entries_deep_within_are_seen() -> None:
    def containers(*variables: str) -> Manifest:
        return {"containers": [{"name": "api", "env": [{"name": name} for name in variables]}]}

    assert surplus(containers("A"), containers("A", "B"))
    assert not surplus(containers("A"), containers("B"))


def test_content_says_nothing_of_owners_and_labels() -> None:
    owned = manifest("Service", "clinic-api", port=8000)
    owned["metadata"] |= {"labels": {"a": "b"}, "ownerReferences": [{}]}
    assert content(owned) == SERVICE
