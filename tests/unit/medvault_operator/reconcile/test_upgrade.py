"""A managed vault of the release before gets a login of each process, and is served meanwhile."""

import base64
from typing import Any

import pytest

from medvault_operator.observability.metrics import Outcome
from medvault_operator.vault.interface import RUNNING
from medvault_operator.vault.secret_files import mounted
from medvault_operator.world.manifest import Manifest
from support.kubernetes.simulated_cluster import SimulatedCluster
from support.medical_vaults import EXTERNAL, ROUTED

OLD = "ghcr.io/medvault/services:0.1.0"
NEW = "ghcr.io/medvault/services:0.2.0"
RING = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PUBLIC = "k1:TcWQIMNkTrA4stfOVKvwhO3/ZW9FCTRUtKfG7X+L0xQ="
"""As the services derive it of that ring."""
FIRST = {"keys", "database", "broker", "cache", "storage"}
LATER = {"intake", "database-logins", "broker-logins", "storage-logins"}


@pytest.fixture
def cluster() -> SimulatedCluster:
    """A vault whose image knows no logins of single processes."""
    found = SimulatedCluster(cache={"managed": {}}, entrance=ROUTED["entrance"])
    found.secret("clinic-keys", keys=RING, **{"index-key": "i"})
    found.report = ""
    found.settle()
    return found


def secret(cluster: SimulatedCluster, name: str) -> Any:
    return cluster.api.objects["Secret", "clinics", f"clinic-{name}"]


def value(cluster: SimulatedCluster, name: str, key: str) -> str:
    return base64.b64decode(secret(cluster, name)["data"][key]).decode().strip()


def keys(cluster: SimulatedCluster, process: str) -> set[str]:
    """The keys that a process' pods mount, as `part/key`."""
    found: Manifest = cluster.api.objects["Deployment", "clinics", f"clinic-{process}"]
    return {f"{one.secret.removeprefix('clinic-')}/{one.key}" for one in mounted(found)}


def shared(process: str) -> set[str]:
    ring = {"keys/keys", "database/url", "broker/url"}
    return ring | ({"storage/access-key"} if process == "media" else set())


def own(process: str) -> set[str]:
    store = {"storage-logins/media-access-key"} if process == "media" else set()
    return store | {f"database-logins/{process}-url", f"broker-logins/{process}-url"}


def test_an_image_that_knows_no_own_logins_is_served_by_the_one(cluster: SimulatedCluster) -> None:
    for process in RUNNING:
        name = process.component.value
        assert shared(name) <= keys(cluster, name)
        assert not own(name) & keys(cluster, name)
    assert cluster.condition("Available") == ("True", "Ready")
    assert cluster.condition("LeastPrivilege") == ("False", "OlderImage")


def test_secrets_that_exist_stay_and_get_others_beside_them(cluster: SimulatedCluster) -> None:
    before = {name: secret(cluster, name) for name in FIRST}
    for name in LATER:
        cluster.api.remove(("Secret", "clinics", f"clinic-{name}"))
    cluster.image, cluster.report = NEW, '{"logins": []}'
    cluster.start()
    cluster.settle()
    assert {name: secret(cluster, name) for name in FIRST} == before
    assert all(secret(cluster, name)["data"] for name in LATER)
    assert value(cluster, "intake", "intake-key") == PUBLIC


def test_pods_keep_the_one_login_until_the_migration_has_let_the_others_in(
    cluster: SimulatedCluster,
) -> None:
    cluster.image, cluster.report = NEW, '{"logins": []}'
    cluster.start()
    cluster.look()
    assert all(shared(one.component.value) <= keys(cluster, one.component.value) for one in RUNNING)
    cluster.settle()
    for process in RUNNING:
        name = process.component.value
        assert own(name) <= keys(cluster, name)
        assert not {"database/url", "broker/url", "storage/secret-key"} & keys(cluster, name)
    assert cluster.condition("LeastPrivilege") == ("True", "Divided")


def test_the_api_gives_its_ring_up_last(cluster: SimulatedCluster) -> None:
    cluster.image, cluster.report = NEW, '{"logins": []}'
    cluster.start()
    seen = []
    while cluster.look() is not Outcome.SETTLED:
        seen.append({"keys/keys", "intake/intake-key"} & keys(cluster, "api"))
        cluster.go_on()
    steps = [one for number, one in enumerate(seen) if number == 0 or one != seen[number - 1]]
    assert steps == [
        {"keys/keys"},
        {"keys/keys", "intake/intake-key"},
        {"intake/intake-key"},
    ]
    assert "keys/keys" in keys(cluster, "inbound")


def test_a_settled_vault_is_left_alone_though_its_jobs_pods_are_gone(
    cluster: SimulatedCluster,
) -> None:
    cluster.image, cluster.report = NEW, '{"logins": []}'
    cluster.start()
    cluster.settle()
    for kind, namespace, name in list(cluster.api.objects):
        if kind == "Pod":
            del cluster.api.objects[kind, namespace, name]
    cluster.api.writes.clear()
    assert cluster.look() is Outcome.SETTLED
    assert cluster.api.writes == []
    assert cluster.condition("LeastPrivilege") == ("True", "Divided")


def test_an_image_that_is_put_back_gets_what_it_knows(cluster: SimulatedCluster) -> None:
    cluster.image, cluster.report = NEW, '{"logins": []}'
    cluster.start()
    cluster.settle()
    cluster.report = ""
    cluster.edit(image=OLD)
    cluster.settle()
    for process in RUNNING:
        name = process.component.value
        assert shared(name) <= keys(cluster, name)
    assert cluster.condition("LeastPrivilege") == ("False", "OlderImage")


@pytest.mark.parametrize("name", sorted(LATER))
def test_logins_that_are_lost_are_made_anew(cluster: SimulatedCluster, name: str) -> None:
    cluster.image, cluster.report = NEW, '{"logins": []}'
    cluster.start()
    cluster.settle()
    before = secret(cluster, name)["data"]
    cluster.api.remove(("Secret", "clinics", f"clinic-{name}"))
    cluster.settle()
    assert secret(cluster, name)["data"].keys() == before.keys()
    assert cluster.condition("Degraded") == ("False", "AsExpected")


def external() -> SimulatedCluster:
    """A vault of servers that others run, whose Secrets have one login of all processes."""
    found = SimulatedCluster(**{**EXTERNAL, "cache": None})
    found.secret("keys", keys=RING, **{"index-key": "i"})
    found.secret("postgres", url="postgresql://m:w@db/m", **{"owner-url": "postgresql://o:w@db/m"})
    found.secret("rabbitmq", url="amqps://m:w@mq/m")
    found.secret("s3", **{"access-key": "a", "secret-key": "s"})
    return found


def test_one_login_keeps_serving_until_an_administrator_adds_the_others() -> None:
    cluster = external()
    cluster.settle()
    assert cluster.condition("Available") == ("True", "Ready")
    assert cluster.condition("LeastPrivilege") == ("False", "OneLogin")
    assert {"postgres/url", "rabbitmq/url", "keys/keys"} <= keys(cluster, "api")
    urls = {f"{one.component}-url": "postgresql://one:w@db/m" for one in RUNNING}
    cluster.complete("postgres", **urls)
    cluster.complete("rabbitmq", **urls)
    cluster.complete("s3", **{"media-access-key": "m", "media-secret-key": "s"})
    cluster.look()
    assert {"postgres/url", "rabbitmq/url"} <= keys(cluster, "api")
    cluster.settle()
    assert cluster.condition("LeastPrivilege") == ("False", "RingInApi")
    for process in RUNNING:
        name = process.component.value
        assert {f"postgres/{name}-url", f"rabbitmq/{name}-url"} <= keys(cluster, name)
    assert "s3/media-access-key" in keys(cluster, "media")
    cluster.complete("keys", **{"intake-key": PUBLIC})
    cluster.settle()
    assert cluster.condition("LeastPrivilege") == ("True", "Divided")
    assert "keys/keys" not in keys(cluster, "api")
