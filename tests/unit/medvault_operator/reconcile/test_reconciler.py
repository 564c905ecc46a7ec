"""One vault brought to where it shall be, over an API in memory, with the real decisions."""

import threading
from copy import deepcopy
from typing import Any

import pytest

from medvault_operator.kube.errors import ApiError, Away, NotLeading, Refused, Terminating
from medvault_operator.kube.fence import Fenced
from medvault_operator.observability.metrics import Outcome
from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.observation.observer import Observer
from medvault_operator.reconcile.actor import Actor
from medvault_operator.reconcile.reconciler import Reconciler
from medvault_operator.vault.installation import Installation
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.pods import IdentityCheck
from support.kubernetes.memory import MemoryApi
from support.kubernetes.simulated_cluster import CLINIC, IMAGE, KEY, TOKEN, SimulatedCluster


@pytest.fixture
def cluster() -> SimulatedCluster:
    return SimulatedCluster()


def test_a_vault_is_brought_up_step_by_step_and_then_left_alone(cluster: SimulatedCluster) -> None:
    cluster.look()
    assert "StatefulSet" in cluster.kinds()
    assert "Deployment" not in cluster.kinds()
    assert "observedGeneration" not in cluster.status
    cluster.settle()
    assert cluster.status["observedGeneration"] == 1
    assert cluster.condition("Available") == ("True", "Ready")
    cluster.api.writes.clear()
    assert cluster.look() is Outcome.SETTLED
    assert cluster.api.writes == []


def test_the_status_is_written_last(cluster: SimulatedCluster) -> None:
    cluster.look()
    verbs = [verb for verb, _, _ in cluster.api.writes]
    assert verbs.count("status") == 1
    assert verbs[-1] == "status"


def test_an_operator_that_starts_anew_changes_nothing_that_is_settled(
    cluster: SimulatedCluster,
) -> None:
    cluster.settle()
    before = deepcopy(cluster.api.objects)
    cluster.start()
    assert cluster.look() is Outcome.SETTLED
    assert cluster.api.objects == before


@pytest.mark.parametrize("writes", range(1, 50, 4))
def test_an_operator_that_dies_after_any_write_is_made_up_for_by_the_next(
    cluster: SimulatedCluster, writes: int
) -> None:
    left = [writes]

    def alive() -> bool:
        left[0] -= 1
        return left[0] >= 0

    checks = IdentityChecks()
    observer = Observer(cluster.api, checks)
    fenced = Fenced(cluster.api, alive)
    dying = Reconciler(fenced, observer, Actor(checks), Installation(IMAGE))

    def live() -> None:
        for _ in range(8):
            dying.reconcile(CLINIC)
            cluster.go_on()

    with pytest.raises(NotLeading):
        live()
    secrets = {key: found for key, found in cluster.api.objects.items() if key[0] == "Secret"}
    cluster.settle()
    assert secrets.items() <= cluster.api.objects.items()
    assert cluster.status["observedGeneration"] == 1


def test_the_observed_generation_waits_for_a_new_image_to_be_migrated(
    cluster: SimulatedCluster,
) -> None:
    cluster.settle()
    cluster.edit(image="ghcr.io/medvault/services:0.2.0")
    cluster.look()
    assert cluster.status["observedGeneration"] == 1
    assert cluster.condition("Progressing") == ("True", "Migrating")
    cluster.settle()
    assert cluster.status["observedGeneration"] == 2
    assert cluster.status["image"] == "ghcr.io/medvault/services:0.2.0"


def test_what_is_refused_stands_in_the_status_and_the_generation_stays(
    cluster: SimulatedCluster,
) -> None:
    cluster.settle()
    cluster.edit(api={"replicas": {"min": 5}})
    cluster.api.refusals["Deployment"] = Refused(403, "Forbidden", "exceeded quota: pods")
    assert cluster.look() is Outcome.REFUSED
    assert cluster.condition("Degraded") == ("True", "Refused")
    assert "exceeded quota: pods" in str(cluster.status)
    assert cluster.status["observedGeneration"] == 1
    cluster.api.refusals.clear()
    cluster.settle()
    assert cluster.condition("Degraded") == ("False", "AsExpected")


def test_a_missing_secret_is_said_and_no_value_of_others_is_seen(cluster: SimulatedCluster) -> None:
    cluster.api.remove(("Secret", "clinics", "whatsapp"))
    cluster.look()
    assert cluster.condition("Degraded") == ("True", "SecretMissing")
    cluster.secret("whatsapp", token=TOKEN)
    cluster.look()
    assert cluster.condition("Degraded") == ("True", "SecretKeyMissing")
    others = [found for key, found in cluster.api.objects.items() if key[0] != "Secret"]
    assert TOKEN not in str(others)


def test_secrets_that_were_made_once_are_not_made_again_once_they_are_in_use(
    cluster: SimulatedCluster,
) -> None:
    cluster.settle()
    cluster.api.remove(("Secret", "clinics", "clinic-keys"))
    cluster.look()
    assert ("Secret", "clinics", "clinic-keys") not in cluster.api.objects
    assert cluster.condition("Degraded") == ("True", "SecretLost")


def test_a_paused_vault_is_left_as_it_is(cluster: SimulatedCluster) -> None:
    cluster.settle()
    cluster.edit(paused=True)
    cluster.api.remove(("Deployment", "clinics", "clinic-api"))
    cluster.api.writes.clear()
    assert cluster.look() is Outcome.PAUSED
    assert [verb for verb, _, _ in cluster.api.writes] == ["status"]
    assert cluster.condition("Paused") == ("True", "Requested")
    assert cluster.condition("Available") == ("True", "Ready")
    cluster.edit(paused=False)
    cluster.look()
    assert ("Deployment", "clinics", "clinic-api") in cluster.api.objects


def test_what_is_no_longer_asked_for_is_deleted_but_its_secret(cluster: SimulatedCluster) -> None:
    cluster.edit(cache={"managed": {}})
    cluster.settle()
    assert ("StatefulSet", "clinics", "clinic-cache") in cluster.api.objects
    cluster.edit(cache=None)
    cluster.look()
    assert ("StatefulSet", "clinics", "clinic-cache") not in cluster.api.objects
    assert ("Secret", "clinics", "clinic-cache") in cluster.api.objects


def test_a_pod_that_is_silent_keeps_no_vault_waiting(cluster: SimulatedCluster) -> None:
    silent, answered = threading.Event(), threading.Event()

    def answer(_: str) -> IdentityCheck:
        assert silent.wait(10)
        answered.set()
        return IdentityCheck.OFF

    checks = IdentityChecks(answer)
    observer = Observer(cluster.api, checks)
    cluster.reconciler = Reconciler(cluster.api, observer, Actor(checks), Installation(IMAGE))
    cluster.inbound("10.0.0.1")
    cluster.settle()
    assert cluster.condition("Available") == ("True", "Ready")
    assert cluster.condition("IdentityCheck") == ("Unknown", "NotSeen")
    silent.set()
    assert answered.wait(10)


def test_a_vault_that_is_gone_or_going_is_not_written(cluster: SimulatedCluster) -> None:
    cluster.api.edit(KEY, "metadata", "deletionTimestamp", value="2026-01-01T00:00:00Z")
    cluster.api.writes.clear()
    assert cluster.look() is Outcome.GONE
    cluster.api.remove(KEY)
    assert cluster.look() is Outcome.GONE
    assert cluster.api.writes == []


def test_a_namespace_that_is_being_deleted_is_left_alone(cluster: SimulatedCluster) -> None:
    cluster.api.refusals["ServiceAccount"] = Terminating(403, "Forbidden")
    assert cluster.look() is Outcome.GONE
    assert "conditions" not in cluster.status


def test_a_vault_that_goes_while_it_is_looked_after_causes_no_error(
    cluster: SimulatedCluster,
) -> None:
    class Fleeting(MemoryApi):
        def apply(self, manifest: Manifest, *, status: bool = False) -> Manifest:
            if status:
                self.remove(KEY)
            return super().apply(manifest, status=status)

    cluster.api.__class__ = Fleeting
    assert cluster.look() is Outcome.GONE


@pytest.mark.parametrize("error", [Away("ConnectTimeoutError"), NotLeading()])
def test_what_passes_is_left_to_another_try(cluster: SimulatedCluster, error: ApiError) -> None:
    cluster.api.away = error
    with pytest.raises(type(error)):
        cluster.look()
    cluster.api.away = None
    cluster.settle()


def test_an_operator_that_may_not_look_around_says_so(cluster: SimulatedCluster) -> None:
    class Closed(MemoryApi):
        def list(self, *where: Any) -> list[Manifest]:  # noqa: ARG002
            raise Refused(403, "Forbidden", "pods is forbidden: User medvault-operator")

    cluster.api.__class__ = Closed
    assert cluster.look() is Outcome.REFUSED
    assert cluster.condition("Degraded") == ("True", "Refused")
    assert "pods is forbidden" in str(cluster.status)


def test_a_status_of_another_release_is_written_anew(cluster: SimulatedCluster) -> None:
    cluster.settle()
    conditions = deepcopy(cluster.status["conditions"])
    conditions[0]["reason"] = "AWordOfTomorrow"
    cluster.api.edit(KEY, "status", "conditions", value=conditions)
    cluster.look()
    assert cluster.condition("Available") == ("True", "Ready")


def test_a_spec_that_is_not_understood_is_told_of_by_its_field(cluster: SimulatedCluster) -> None:
    cluster.settle()
    cluster.edit(api={"replicas": {"min": "of tomorrow"}})
    with pytest.raises(ValueError, match="min"):
        cluster.look()
    assert cluster.condition("Degraded") == ("True", "OperatorFailed")
    assert "spec.api.replicas.min" in str(cluster.status)
    assert "of tomorrow" not in str(cluster.status)
    assert cluster.status["observedGeneration"] == 1
    cluster.api.writes.clear()
    with pytest.raises(ValueError, match="min"):
        cluster.look()
    assert cluster.api.writes == []
