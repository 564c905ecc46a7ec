"""Whatever is missing or refused stands in a condition with advice within 30 seconds."""

from medvault_operator.api.v1alpha1.whatsapp import SECRET_KEYS
from medvault_operator.kube.api import Api
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.operators import Operator
from support.kubernetes.ward import Ward, spec_of
from support.servers.waiting import wait_until


def test_a_missing_secret_is_named_and_found_once_it_is_there(
    ward: Ward, furnished: Kubectl
) -> None:
    ward.apply(spec_of(ward))
    said = ward.says("Degraded", "True", "SecretMissing")
    assert f"{ward.name}-whatsapp" in said["message"]
    assert "kubectl" in said["message"]
    ward.secret(f"{ward.name}-whatsapp", *SECRET_KEYS)
    ward.says("Degraded", "False")
    wait_until(ward.settled, seconds=60, what="the vault being settled", every=0.2)


def test_a_key_that_lacks_in_a_secret_is_named(ward: Ward, furnished: Kubectl) -> None:
    ward.secret(f"{ward.name}-whatsapp", "token", "verify-token")
    ward.apply(spec_of(ward))
    assert "app-secrets" in ward.says("Degraded", "True", "SecretKeyMissing")["message"]


def test_an_object_that_the_api_server_refuses_is_told_of_with_the_servers_words(
    ward: Ward, api: Api, furnished: Kubectl
) -> None:
    """Somebody else controls a Service of that name; an object has one controller."""
    owner = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "theirs",
        "uid": "2a0b2f5c-0000-4000-8000-000000000000",
        "controller": True,
    }
    name = f"{ward.name}-api"
    theirs = api.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": ward.namespace, "ownerReferences": [owner]},
            "spec": {"ports": [{"port": 80}]},
        }
    )
    ward.secret(f"{ward.name}-whatsapp", *SECRET_KEYS)
    ward.apply(spec_of(ward))
    said = ward.says("Degraded", "True", "Refused")
    assert f"Service {name}" in said["message"]
    assert "ontroller" in said["message"]
    assert "observedGeneration" not in ward.vault()["status"]
    api.delete(theirs)
    ward.says("Degraded", "False")


def test_a_paused_vault_is_left_alone_and_says_so(ward: Ward, furnished: Kubectl) -> None:
    ward.secret(f"{ward.name}-whatsapp", *SECRET_KEYS)
    ward.apply(spec_of(ward))
    wait_until(ward.settled, seconds=60, what="the vault being settled", every=0.2)
    ward.apply(spec_of(ward, paused=True))
    ward.says("Paused", "True")
    before = ward.child("Deployment", "api")
    assert before is not None
    ward.api.delete(before)
    looked = ward.vault()["metadata"]["resourceVersion"]
    ward.change(lambda vault: vault | {"spec": {**vault["spec"], "supportContact": "Reception"}})
    wait_until(
        lambda: (
            ward.vault()["metadata"]["resourceVersion"] != looked
            and ward.condition("Paused").get("observedGeneration")
            == ward.vault()["metadata"]["generation"]
        ),
        seconds=30,
        what="another look at the paused vault",
    )
    assert ward.child("Deployment", "api") is None
    ward.apply(spec_of(ward))
    ward.says("Paused", "False")
    wait_until(lambda: ward.child("Deployment", "api"), seconds=30, what="the Deployment put back")


def test_a_settled_vault_is_looked_at_again_and_not_written(
    ward: Ward, furnished: Kubectl, operator: Operator
) -> None:
    ward.secret(f"{ward.name}-whatsapp", *SECRET_KEYS)
    ward.apply(spec_of(ward))
    wait_until(ward.settled, seconds=60, what="the vault being settled", every=0.2)
    looks = 'medvault_operator_reconcile_seconds_count{outcome="settled"}'
    for _ in range(2):  # what is under way may still write
        before, vault, children = operator.metric(looks), ward.vault(), ward.children()
        wait_until(
            lambda seen=before: operator.metric(looks) > seen + 1,  # type: ignore[misc]
            seconds=60,
            what="two more looks",
            every=0.5,
        )
    assert ward.vault() == vault
    assert ward.children() == children


def test_times_of_transition_stay_while_a_status_does(ward: Ward, furnished: Kubectl) -> None:
    ward.apply(spec_of(ward))
    first = ward.says("Degraded", "True", "SecretMissing")
    ward.apply(spec_of(ward, supportContact="Reception"))
    wait_until(
        lambda: (
            ward.condition("Degraded").get("observedGeneration")
            == ward.vault()["metadata"]["generation"]
        ),
        seconds=30,
        what="the second generation observed",
        every=0.2,
    )
    assert ward.condition("Degraded")["lastTransitionTime"] == first["lastTransitionTime"]


def test_no_finalizer_and_no_annotation_is_put_on_a_vault(ward: Ward, furnished: Kubectl) -> None:
    ward.secret(f"{ward.name}-whatsapp", *SECRET_KEYS)
    ward.apply(spec_of(ward))
    wait_until(ward.settled, seconds=60, what="the vault being settled", every=0.2)
    metadata = ward.vault()["metadata"]
    assert "finalizers" not in metadata
    assert "annotations" not in metadata
