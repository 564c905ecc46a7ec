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
from support.kubernetes.place import CLINIC, IMAGE, KEY, TOKEN, Place


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_vault_is_brought_up_step_by_step_and_then_left_alone(place: Place) -> None:
    place.look()
    assert "StatefulSet" in place.kinds()
    assert "Deployment" not in place.kinds()
    assert "observedGeneration" not in place.status
    place.settle()
    assert place.status["observedGeneration"] == 1
    assert place.condition("Available") == ("True", "Ready")
    place.api.writes.clear()
    assert place.look() is Outcome.SETTLED
    assert place.api.writes == []


def test_the_status_is_written_last(place: Place) -> None:
    place.look()
    verbs = [verb for verb, _, _ in place.api.writes]
    assert verbs.count("status") == 1
    assert verbs[-1] == "status"


def test_an_operator_that_starts_anew_changes_nothing_that_is_settled(place: Place) -> None:
    place.settle()
    before = deepcopy(place.api.objects)
    place.start()
    assert place.look() is Outcome.SETTLED
    assert place.api.objects == before


@pytest.mark.parametrize("writes", range(1, 50, 4))
def test_an_operator_that_dies_after_any_write_is_made_up_for_by_the_next(
    place: Place, writes: int
) -> None:
    left = [writes]

    def alive() -> bool:
        left[0] -= 1
        return left[0] >= 0

    checks = IdentityChecks()
    observer = Observer(place.api, identity_checks=checks)
    fenced = Fenced(place.api, alive)
    dying = Reconciler(fenced, observer, Actor(checks), Installation(IMAGE))

    def live() -> None:
        for _ in range(8):
            dying.reconcile(CLINIC)
            place.go_on()

    with pytest.raises(NotLeading):
        live()
    secrets = {key: found for key, found in place.api.objects.items() if key[0] == "Secret"}
    place.settle()
    assert secrets.items() <= place.api.objects.items()
    assert place.status["observedGeneration"] == 1


def test_the_observed_generation_waits_for_a_new_image_to_be_migrated(place: Place) -> None:
    place.settle()
    place.edit(image="ghcr.io/medvault/services:0.2.0")
    place.look()
    assert place.status["observedGeneration"] == 1
    assert place.condition("Progressing") == ("True", "Migrating")
    place.settle()
    assert place.status["observedGeneration"] == 2
    assert place.status["image"] == "ghcr.io/medvault/services:0.2.0"


def test_what_is_refused_stands_in_the_status_and_the_generation_stays(place: Place) -> None:
    place.settle()
    place.edit(api={"replicas": {"min": 5}})
    place.api.refusals["Deployment"] = Refused(403, "Forbidden", "exceeded quota: pods")
    assert place.look() is Outcome.REFUSED
    assert place.condition("Degraded") == ("True", "Refused")
    assert "exceeded quota: pods" in str(place.status)
    assert place.status["observedGeneration"] == 1
    place.api.refusals.clear()
    place.settle()
    assert place.condition("Degraded") == ("False", "AsExpected")


def test_a_missing_secret_is_said_and_no_value_of_others_is_seen(place: Place) -> None:
    place.api.remove(("Secret", "clinics", "whatsapp"))
    place.look()
    assert place.condition("Degraded") == ("True", "SecretMissing")
    place.secret("whatsapp", token=TOKEN)
    place.look()
    assert place.condition("Degraded") == ("True", "SecretKeyMissing")
    others = [found for key, found in place.api.objects.items() if key[0] != "Secret"]
    assert TOKEN not in str(others)


def test_secrets_that_were_made_once_are_not_made_again_once_they_are_in_use(
    place: Place,
) -> None:
    place.settle()
    place.api.remove(("Secret", "clinics", "clinic-keys"))
    place.look()
    assert ("Secret", "clinics", "clinic-keys") not in place.api.objects
    assert place.condition("Degraded") == ("True", "SecretLost")


def test_a_paused_vault_is_left_as_it_is(place: Place) -> None:
    place.settle()
    place.edit(paused=True)
    place.api.remove(("Deployment", "clinics", "clinic-api"))
    place.api.writes.clear()
    assert place.look() is Outcome.PAUSED
    assert [verb for verb, _, _ in place.api.writes] == ["status"]
    assert place.condition("Paused") == ("True", "Requested")
    assert place.condition("Available") == ("True", "Ready")
    place.edit(paused=False)
    place.look()
    assert ("Deployment", "clinics", "clinic-api") in place.api.objects


def test_what_is_no_longer_asked_for_is_deleted_but_its_secret(place: Place) -> None:
    place.edit(cache={"managed": {}})
    place.settle()
    assert ("StatefulSet", "clinics", "clinic-cache") in place.api.objects
    place.edit(cache=None)
    place.look()
    assert ("StatefulSet", "clinics", "clinic-cache") not in place.api.objects
    assert ("Secret", "clinics", "clinic-cache") in place.api.objects


def test_a_pod_that_is_silent_keeps_no_vault_waiting(place: Place) -> None:
    silent, answered = threading.Event(), threading.Event()

    def answer(_: str) -> IdentityCheck:
        assert silent.wait(10)
        answered.set()
        return IdentityCheck.OFF

    checks = IdentityChecks(answer)
    observer = Observer(place.api, identity_checks=checks)
    place.reconciler = Reconciler(place.api, observer, Actor(checks), Installation(IMAGE))
    place.inbound("10.0.0.1")
    place.settle()
    assert place.condition("Available") == ("True", "Ready")
    assert place.condition("IdentityCheck") == ("Unknown", "NotSeen")
    silent.set()
    assert answered.wait(10)


def test_a_vault_that_is_gone_or_going_is_not_written(place: Place) -> None:
    place.api.edit(KEY, "metadata", "deletionTimestamp", value="2026-01-01T00:00:00Z")
    place.api.writes.clear()
    assert place.look() is Outcome.GONE
    place.api.remove(KEY)
    assert place.look() is Outcome.GONE
    assert place.api.writes == []


def test_a_namespace_that_is_being_deleted_is_left_alone(place: Place) -> None:
    place.api.refusals["ServiceAccount"] = Terminating(403, "Forbidden")
    assert place.look() is Outcome.GONE
    assert "conditions" not in place.status


def test_a_vault_that_goes_while_it_is_looked_after_causes_no_error(place: Place) -> None:
    class Fleeting(MemoryApi):
        def apply(self, manifest: Manifest, *, status: bool = False) -> Manifest:
            if status:
                self.remove(KEY)
            return super().apply(manifest, status=status)

    place.api.__class__ = Fleeting
    assert place.look() is Outcome.GONE


@pytest.mark.parametrize("error", [Away("ConnectTimeoutError"), NotLeading()])
def test_what_passes_is_left_to_another_try(place: Place, error: ApiError) -> None:
    place.api.away = error
    with pytest.raises(type(error)):
        place.look()
    place.api.away = None
    place.settle()


def test_an_operator_that_may_not_look_around_says_so(place: Place) -> None:
    class Closed(MemoryApi):
        def list(self, *where: Any) -> list[Manifest]:  # noqa: ARG002
            raise Refused(403, "Forbidden", "pods is forbidden: User medvault-operator")

    place.api.__class__ = Closed
    assert place.look() is Outcome.REFUSED
    assert place.condition("Degraded") == ("True", "Refused")
    assert "pods is forbidden" in str(place.status)


def test_a_status_of_another_release_is_written_anew(place: Place) -> None:
    place.settle()
    conditions = deepcopy(place.status["conditions"])
    conditions[0]["reason"] = "AWordOfTomorrow"
    place.api.edit(KEY, "status", "conditions", value=conditions)
    place.look()
    assert place.condition("Available") == ("True", "Ready")


def test_a_spec_that_is_not_understood_is_told_of_by_its_field(place: Place) -> None:
    place.settle()
    place.edit(api={"replicas": {"min": "of tomorrow"}})
    with pytest.raises(ValueError, match="min"):
        place.look()
    assert place.condition("Degraded") == ("True", "OperatorFailed")
    assert "spec.api.replicas.min" in str(place.status)
    assert "of tomorrow" not in str(place.status)
    assert place.status["observedGeneration"] == 1
    place.api.writes.clear()
    with pytest.raises(ValueError, match="min"):
        place.look()
    assert place.api.writes == []
