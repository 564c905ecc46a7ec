"""All that is missing or refused stands in a condition with advice within 30 seconds."""

from medvault_operator.api.v1alpha1.whatsapp import SECRET_KEYS
from medvault_operator.kube.api import Api
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.live_vault import LiveVault, spec_of
from support.kubernetes.operators import Operator
from support.servers.waiting import wait_until


def test_a_missing_secret_is_named_and_found_once_it_is_there(
    vault: LiveVault, furnished: Kubectl
) -> None:
    vault.apply(spec_of(vault))
    said = vault.says("Degraded", "True", "SecretMissing")
    assert f"{vault.name}-whatsapp" in said["message"]
    assert "kubectl" in said["message"]
    vault.secret(f"{vault.name}-whatsapp", *SECRET_KEYS)
    vault.says("Degraded", "False")
    wait_until(vault.settled, seconds=60, what="the vault being settled", every=0.2)


def test_a_key_that_lacks_in_a_secret_is_named(vault: LiveVault, furnished: Kubectl) -> None:
    vault.secret(f"{vault.name}-whatsapp", "token", "verify-token")
    vault.apply(spec_of(vault))
    assert "app-secrets" in vault.says("Degraded", "True", "SecretKeyMissing")["message"]


def test_an_object_that_the_api_server_refuses_is_told_of_with_the_servers_words(
    vault: LiveVault, api: Api, furnished: Kubectl
) -> None:
    """Somebody else controls a Service of that name; an object has one controller."""
    owner = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "theirs",
        "uid": "2a0b2f5c-0000-4000-8000-000000000000",
        "controller": True,
    }
    name = f"{vault.name}-api"
    theirs = api.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": vault.namespace, "ownerReferences": [owner]},
            "spec": {"ports": [{"port": 80}]},
        }
    )
    vault.secret(f"{vault.name}-whatsapp", *SECRET_KEYS)
    vault.apply(spec_of(vault))
    said = vault.says("Degraded", "True", "Refused")
    assert f"Service {name}" in said["message"]
    assert "ontroller" in said["message"]
    assert "observedGeneration" not in vault.body()["status"]
    api.delete(theirs)
    vault.says("Degraded", "False")


def test_a_paused_vault_is_left_alone_and_says_so(vault: LiveVault, furnished: Kubectl) -> None:
    vault.secret(f"{vault.name}-whatsapp", *SECRET_KEYS)
    vault.apply(spec_of(vault))
    wait_until(vault.settled, seconds=60, what="the vault being settled", every=0.2)
    vault.apply(spec_of(vault, paused=True))
    vault.says("Paused", "True")
    before = vault.child("Deployment", "api")
    assert before is not None
    vault.api.delete(before)
    looked = vault.body()["metadata"]["resourceVersion"]
    vault.change(lambda body: body | {"spec": {**body["spec"], "supportContact": "Reception"}})
    wait_until(
        lambda: (
            vault.body()["metadata"]["resourceVersion"] != looked
            and vault.condition("Paused").get("observedGeneration")
            == vault.body()["metadata"]["generation"]
        ),
        seconds=30,
        what="another look at the paused vault",
    )
    assert vault.child("Deployment", "api") is None
    vault.apply(spec_of(vault))
    vault.says("Paused", "False")
    wait_until(lambda: vault.child("Deployment", "api"), seconds=30, what="the Deployment put back")


def test_a_settled_vault_is_looked_at_again_and_not_written(
    vault: LiveVault, furnished: Kubectl, operator: Operator
) -> None:
    vault.secret(f"{vault.name}-whatsapp", *SECRET_KEYS)
    vault.apply(spec_of(vault))
    wait_until(vault.settled, seconds=60, what="the vault being settled", every=0.2)
    looks = 'medvault_operator_reconcile_seconds_count{outcome="settled"}'
    for _ in range(2):  # a look that is under way may still write
        before, body, children = operator.metric(looks), vault.body(), vault.children()
        wait_until(
            lambda seen=before: operator.metric(looks) > seen + 1,  # type: ignore[misc]
            seconds=60,
            what="two more looks",
            every=0.5,
        )
    assert vault.body() == body
    assert vault.children() == children


def test_times_of_transition_stay_while_a_status_does(vault: LiveVault, furnished: Kubectl) -> None:
    vault.apply(spec_of(vault))
    first = vault.says("Degraded", "True", "SecretMissing")
    vault.apply(spec_of(vault, supportContact="Reception"))
    wait_until(
        lambda: (
            vault.condition("Degraded").get("observedGeneration")
            == vault.body()["metadata"]["generation"]
        ),
        seconds=30,
        what="the second generation observed",
        every=0.2,
    )
    assert vault.condition("Degraded")["lastTransitionTime"] == first["lastTransitionTime"]


def test_no_finalizer_and_no_annotation_is_put_on_a_vault(
    vault: LiveVault, furnished: Kubectl
) -> None:
    vault.secret(f"{vault.name}-whatsapp", *SECRET_KEYS)
    vault.apply(spec_of(vault))
    wait_until(vault.settled, seconds=60, what="the vault being settled", every=0.2)
    metadata = vault.body()["metadata"]
    assert "finalizers" not in metadata
    assert "annotations" not in metadata
