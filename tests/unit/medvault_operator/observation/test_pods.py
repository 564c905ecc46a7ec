"""The facts that pods tell of a vault."""

from datetime import UTC, datetime
from typing import Any

import pytest

from medvault_operator.observation import pods
from medvault_operator.vault.components import Component
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.pods import Trouble

NOW = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)


def pod(status: dict[str, Any], name: str = "api-1", **metadata: Any) -> Manifest:
    labels = {"app.kubernetes.io/component": "api"} | metadata.pop("labels", {})
    return {"metadata": {"name": name, "labels": labels, **metadata}, "status": status}


def container(**state: Any) -> dict[str, Any]:
    return {"containerStatuses": [{"name": "api", **state}]}


def found(status: dict[str, Any]) -> list[tuple[str, str]]:
    return [(trouble.reason, trouble.message) for trouble in pods.troubles([pod(status)], NOW)]


@pytest.mark.parametrize(
    "status",
    [
        {},
        container(state={"running": {}}),
        container(state={"waiting": {"reason": "ContainerCreating"}}),
        container(state={"terminated": {"exitCode": 0, "message": "{}"}}),
        container(state={"running": {}}, lastState={"terminated": {"exitCode": 1}}),
    ],
)
def test_what_starts_runs_or_ended_well_is_no_trouble(status: dict[str, Any]) -> None:
    assert found(status) == []


def test_an_image_that_can_not_be_pulled_is_a_trouble_with_its_message() -> None:
    waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "nobody:1"'}
    [trouble] = pods.troubles([pod(container(state={"waiting": waiting}))], NOW)
    assert trouble == Trouble(
        "api", "api-1", "ImagePullBackOff", 'Back-off pulling image "nobody:1"'
    )


def test_who_crashes_in_a_loop_tells_by_its_last_words() -> None:
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}
    ended = {"terminated": {"exitCode": 2, "message": "MEDVAULT_KEYS is missing"}}
    assert found(container(state={"waiting": waiting}, lastState=ended)) == [
        ("CrashLoopBackOff", "MEDVAULT_KEYS is missing")
    ]


def test_who_ended_badly_is_a_trouble() -> None:
    ended = {"exitCode": 1, "reason": "Error", "message": "the password is wrong"}
    assert found(container(state={"terminated": ended})) == [("Error", "the password is wrong")]


def test_a_pod_that_fits_nowhere_is_a_trouble() -> None:
    scheduled = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/3 nodes are available",
    }
    assert found({"conditions": [scheduled]}) == [("Unschedulable", "0/3 nodes are available")]


def test_an_evicted_pod_is_a_trouble() -> None:
    assert found({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}) == [
        ("Evicted", "low on memory")
    ]


def test_a_pod_that_is_being_deleted_is_no_trouble() -> None:
    waiting = container(state={"waiting": {"reason": "ImagePullBackOff"}})
    assert pods.troubles([pod(waiting, deletionTimestamp="2026-01-01T00:00:00Z")], NOW) == ()


def test_long_messages_are_shortened_to_one_line() -> None:
    waiting = {"reason": "ErrImagePull", "message": "no\nsuch " * 200}
    [(_, message)] = found(container(state={"waiting": waiting}))
    assert len(message) == 300
    assert "\n" not in message


def test_a_jobs_newest_pod_with_a_message_reports_for_it() -> None:
    def of_job(name: str, second: int, **ended: Any) -> Manifest:
        return pod(
            container(state={"terminated": {"exitCode": 0, **ended}}),
            name,
            creationTimestamp=f"2026-01-01T00:00:{second:02}Z",
            labels={"batch.kubernetes.io/job-name": "clinic-migrate"},
        )

    told = [
        of_job("b", 2, message='{"lacks": []}'),
        of_job("a", 1, message="old"),
        of_job("c", 3),
        pod(container(state={"terminated": {"exitCode": 1, "message": "no job"}})),
    ]
    assert pods.terminations(told) == {"clinic-migrate": '{"lacks": []}'}


def unready(started: str, since: str = "2026-01-01T12:00:00Z") -> dict[str, Any]:
    ready = {"type": "Ready", "status": "False", "lastTransitionTime": since}
    return container(state={"running": {"startedAt": started}}) | {"conditions": [ready]}


def test_who_runs_for_long_and_is_not_ready_is_a_trouble() -> None:
    assert found(unready("2026-01-01T12:00:09Z")) == [("NotReady", "")]


def test_who_has_just_started_may_not_be_ready_yet() -> None:
    assert found(unready("2026-01-01T12:00:11Z")) == []
    assert found(unready("2026-01-01T11:00:00Z", since="2026-01-01T12:00:11Z")) == []


def test_servers_have_longer_to_get_ready() -> None:
    labels = {"app.kubernetes.io/component": "scanner"}
    status = unready("2026-01-01T12:00:00Z")
    assert pods.troubles([pod(status, labels=labels)], NOW) == ()
    later = datetime(2026, 1, 1, 12, 4, tzinfo=UTC)
    [trouble] = pods.troubles([pod(status, labels=labels)], later)
    assert (trouble.component, trouble.reason) == ("scanner", "NotReady")


def asked(name: str, address: str | None, ready: str = "True", **metadata: Any) -> Manifest:
    conditions = [{"type": "Ready", "status": ready}]
    status = {"conditions": conditions} | ({"podIP": address} if address else {})
    return pod(status, name, **metadata)


def test_who_may_be_asked_is_ready_has_an_address_and_does_not_end() -> None:
    around = [
        asked("api-3", "10.0.0.3"),
        asked("api-1", "fd12::1"),
        asked("api-2", "10.0.0.2", ready="False"),
        asked("api-4", "10.0.0.4", deletionTimestamp="2026-01-01T12:00:00Z"),
        asked("api-5", None),
        asked("inbound-1", "10.0.0.6", labels={"app.kubernetes.io/component": "inbound"}),
        {"metadata": {"name": "bare"}},
    ]
    assert pods.ready_addresses(around, Component.API) == ("fd12::1", "10.0.0.3")
    assert pods.ready_addresses(around, Component.INBOUND) == ("10.0.0.6",)
