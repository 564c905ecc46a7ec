"""The world as it is read from an API."""

import threading
from typing import Any

import pytest

from medvault_operator.capabilities.actions import AskIdentityCheck
from medvault_operator.kube.errors import Refused
from medvault_operator.kube.kinds import (
    API_SERVICE,
    CERTIFICATE,
    HTTP_ROUTE,
    NODE,
    POD,
    SCALED_OBJECT,
    SECRET,
    SERVICE_MONITOR,
    STORAGE_CLASS,
    Kind,
)
from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.observation.observer import Observer
from medvault_operator.reconcile.actor import Actor
from medvault_operator.vault.credentials import Credentials
from medvault_operator.vault.name import VaultName
from medvault_operator.world.cluster import StorageClass
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.pods import IdentityCheck
from medvault_operator.world.secrets import Secret
from support.kubernetes.memory import MemoryApi
from support.medical_vaults import MANAGED, vault

VAULT = vault(MANAGED)
CREDENTIALS = Credentials.of(VAULT)
OURS = {
    "app.kubernetes.io/managed-by": "medvault-operator",
    "app.kubernetes.io/instance": "clinic",
}


def put(api: MemoryApi, kind: Kind, name: str, namespace: str = "", **content: Any) -> None:
    metadata = {"name": name, "namespace": namespace, **content.pop("metadata", {})}
    stored: Manifest = {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": {"uid": name, "resourceVersion": "5", **metadata},
        **content,
    }
    api.objects[kind.name, namespace, name] = stored


def service(api: MemoryApi, name: str, uid: str, **labels: str) -> None:
    owner = {"kind": "MedicalVault", "name": "clinic", "uid": uid}
    metadata = {"labels": labels or OURS, "ownerReferences": [owner]}
    put(api, Kind("", "v1", "Service", "services"), name, "clinics", metadata=metadata)


def test_of_secrets_the_keys_that_have_a_value_are_seen_and_no_value() -> None:
    api = MemoryApi()
    put(api, SECRET, "whatsapp", "clinics", data={"token": "aHVudGVyMg==", "app-secrets": ""})
    world = Observer(api, IdentityChecks()).world(VAULT, CREDENTIALS)
    assert world.secrets == {"whatsapp": Secret(frozenset({"token"}), "5")}
    assert "aHVudGVyMg==" not in repr(world)


def test_children_are_what_has_our_labels_and_this_very_vault_as_owner() -> None:
    api = MemoryApi()
    service(api, "clinic-api", VAULT.metadata.uid)
    service(api, "of-a-vault-before", "another uid")
    service(api, "somebody-elses", VAULT.metadata.uid, app="other")
    assert set(Observer(api, IdentityChecks()).world(VAULT, CREDENTIALS).children) == {
        ("Service", "clinic-api")
    }


def test_storage_classes_are_seen_with_the_default() -> None:
    api = MemoryApi()
    marked = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    put(api, STORAGE_CLASS, "fast")
    put(api, STORAGE_CLASS, "standard", metadata=marked)
    world = Observer(api, IdentityChecks()).world(VAULT, CREDENTIALS)
    assert world.storage_classes == (StorageClass("fast"), StorageClass("standard", default=True))


def test_zones_are_those_of_nodes_that_have_one() -> None:
    api = MemoryApi()
    for node, zone in {"a": "zone-a", "b": "zone-b", "c": "zone-b"}.items():
        put(api, NODE, node, metadata={"labels": {"topology.kubernetes.io/zone": zone}})
    put(api, NODE, "d")
    assert Observer(api, IdentityChecks()).world(VAULT, CREDENTIALS).zones == {"zone-a", "zone-b"}


def test_apis_that_the_cluster_does_not_serve_are_not_asked() -> None:
    api = MemoryApi(SERVICE_MONITOR, HTTP_ROUTE, SCALED_OBJECT)
    assert Observer(api, IdentityChecks()).world(VAULT, CREDENTIALS).served == {CERTIFICATE.api}


def test_whose_external_metrics_are_is_seen() -> None:
    api = MemoryApi()
    assert Observer(api, IdentityChecks()).world(VAULT, CREDENTIALS).external_metrics == ""
    service = {"namespace": "keda", "name": "keda-metrics"}
    put(api, API_SERVICE, "v1beta1.external.metrics.k8s.io", spec={"service": service})
    world = Observer(api, IdentityChecks()).world(VAULT, CREDENTIALS)
    assert (world.external_metrics, world.version) == ("keda/keda-metrics", (1, 34))


class WithoutApiServices(MemoryApi):
    """A cluster whose administrator gives the operator no look at APIs."""

    def get(self, kind: Kind, namespace: str, name: str) -> Manifest | None:
        if kind is API_SERVICE:
            raise Refused(403, "Forbidden")
        return super().get(kind, namespace, name)


def test_an_operator_that_may_not_look_at_apis_looks_after_its_vaults_all_the_same() -> None:
    world = Observer(WithoutApiServices(), IdentityChecks()).world(VAULT, CREDENTIALS)
    assert world.external_metrics == ""


def test_what_belongs_to_the_cluster_is_seen_anew_after_ten_seconds() -> None:
    now = [0.0]
    api = MemoryApi()
    observer = Observer(api, IdentityChecks(), lambda: now[0])
    assert observer.world(VAULT, CREDENTIALS).storage_classes == ()
    put(api, STORAGE_CLASS, "standard")
    now[0] = 9
    assert observer.world(VAULT, CREDENTIALS).storage_classes == ()
    now[0] = 11
    assert observer.world(VAULT, CREDENTIALS).storage_classes == (StorageClass("standard"),)


def test_who_may_not_look_is_told_so() -> None:
    api = MemoryApi()
    api.away = Refused(403, "Forbidden", "secrets is forbidden")
    with pytest.raises(Refused, match="Forbidden"):
        Observer(api, IdentityChecks()).world(VAULT, CREDENTIALS)


def inbound(api: MemoryApi, instance: str, address: str) -> None:
    labels = OURS | {"app.kubernetes.io/component": "inbound"}
    labels["app.kubernetes.io/instance"] = instance
    status = {"podIP": address, "conditions": [{"type": "Ready", "status": "True"}]}
    put(api, POD, f"{instance}-1", "clinics", metadata={"labels": labels}, status=status)


def test_ready_inbound_pods_of_the_very_vault_are_seen_and_asked_until_it_is_gone() -> None:
    api = MemoryApi()
    asked: list[str] = []
    answered = threading.Event()

    def answer(address: str) -> IdentityCheck:
        asked.append(address)
        answered.set()
        return IdentityCheck.OFF

    checks = IdentityChecks(answer)
    observer, actor = Observer(api, checks), Actor(checks)
    name = VaultName("clinics", "clinic")
    assert observer.world(VAULT, CREDENTIALS).inbound == ()
    inbound(api, "practice", "10.0.0.1")
    inbound(api, "clinic", "10.0.0.2")
    world = observer.world(VAULT, CREDENTIALS)
    assert (world.inbound, world.identity_check, world.identity_due) == (("10.0.0.2",), None, True)
    actor.carry_out(name, [AskIdentityCheck(world.inbound)])
    assert answered.wait(10)
    assert not observer.world(VAULT, CREDENTIALS).identity_due
    actor.forget(name)
    forgotten = observer.world(VAULT, CREDENTIALS)
    assert (forgotten.identity_check, forgotten.identity_due) == (None, True)
    assert asked == ["10.0.0.2"]
