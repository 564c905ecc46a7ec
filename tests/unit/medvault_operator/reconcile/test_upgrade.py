"""A managed vault of the release before gets a login of each process, and is served meanwhile."""

import base64
from typing import Any

import pytest

from medvault_operator.observability.metrics import Outcome
from medvault_operator.vault.interface import RUNNING
from medvault_operator.vault.secret_files import mounted
from medvault_operator.world.manifest import Manifest
from support.kubernetes.place import Place
from support.medical_vaults import EXTERNAL, ROUTED

OLD = "ghcr.io/medvault/services:0.1.0"
NEW = "ghcr.io/medvault/services:0.2.0"
RING = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PUBLIC = "k1:TcWQIMNkTrA4stfOVKvwhO3/ZW9FCTRUtKfG7X+L0xQ="
"""As the services derive it of that ring."""
FIRST = {"keys", "database", "broker", "cache", "storage"}
LATER = {"intake", "database-logins", "broker-logins", "storage-logins"}


@pytest.fixture
def place() -> Place:
    """A vault whose image knows no logins of single processes."""
    found = Place(cache={"managed": {}}, entrance=ROUTED["entrance"])
    found.secret("clinic-keys", keys=RING, **{"index-key": "i"})
    found.report = ""
    found.settle()
    return found


def secret(place: Place, name: str) -> Any:
    return place.api.objects["Secret", "clinics", f"clinic-{name}"]


def value(place: Place, name: str, key: str) -> str:
    return base64.b64decode(secret(place, name)["data"][key]).decode().strip()


def keys(place: Place, process: str) -> set[str]:
    """What a process' pods mount, as `part/key`."""
    found: Manifest = place.api.objects["Deployment", "clinics", f"clinic-{process}"]
    return {f"{one.secret.removeprefix('clinic-')}/{one.key}" for one in mounted(found)}


def shared(process: str) -> set[str]:
    ring = {"keys/keys", "database/url", "broker/url"}
    return ring | ({"storage/access-key"} if process == "media" else set())


def own(process: str) -> set[str]:
    store = {"storage-logins/media-access-key"} if process == "media" else set()
    return store | {f"database-logins/{process}-url", f"broker-logins/{process}-url"}


def test_an_image_that_knows_no_own_logins_is_served_by_the_one(place: Place) -> None:
    for process in RUNNING:
        name = process.component.value
        assert shared(name) <= keys(place, name)
        assert not own(name) & keys(place, name)
    assert place.condition("Available") == ("True", "Ready")
    assert place.condition("LeastPrivilege") == ("False", "OlderImage")


def test_secrets_that_exist_stay_and_get_others_beside_them(place: Place) -> None:
    before = {name: secret(place, name) for name in FIRST}
    for name in LATER:
        place.api.remove(("Secret", "clinics", f"clinic-{name}"))
    place.image, place.report = NEW, '{"logins": []}'
    place.start()
    place.settle()
    assert {name: secret(place, name) for name in FIRST} == before
    assert all(secret(place, name)["data"] for name in LATER)
    assert value(place, "intake", "intake-key") == PUBLIC


def test_pods_keep_the_one_login_until_the_migration_has_let_the_others_in(place: Place) -> None:
    place.image, place.report = NEW, '{"logins": []}'
    place.start()
    place.look()
    assert all(shared(one.component.value) <= keys(place, one.component.value) for one in RUNNING)
    place.settle()
    for process in RUNNING:
        name = process.component.value
        assert own(name) <= keys(place, name)
        assert not {"database/url", "broker/url", "storage/secret-key"} & keys(place, name)
    assert place.condition("LeastPrivilege") == ("True", "Divided")


def test_the_api_gives_its_ring_up_last(place: Place) -> None:
    place.image, place.report = NEW, '{"logins": []}'
    place.start()
    seen = []
    while place.look() is not Outcome.SETTLED:
        seen.append({"keys/keys", "intake/intake-key"} & keys(place, "api"))
        place.go_on()
    steps = [one for number, one in enumerate(seen) if number == 0 or one != seen[number - 1]]
    assert steps == [
        {"keys/keys"},
        {"keys/keys", "intake/intake-key"},
        {"intake/intake-key"},
    ]
    assert "keys/keys" in keys(place, "inbound")


def test_a_settled_vault_is_left_alone_though_its_jobs_pods_are_gone(place: Place) -> None:
    place.image, place.report = NEW, '{"logins": []}'
    place.start()
    place.settle()
    for kind, namespace, name in list(place.api.objects):
        if kind == "Pod":
            del place.api.objects[kind, namespace, name]
    place.api.writes.clear()
    assert place.look() is Outcome.SETTLED
    assert place.api.writes == []
    assert place.condition("LeastPrivilege") == ("True", "Divided")


def test_an_image_that_is_put_back_gets_what_it_knows(place: Place) -> None:
    place.image, place.report = NEW, '{"logins": []}'
    place.start()
    place.settle()
    place.report = ""
    place.edit(image=OLD)
    place.settle()
    for process in RUNNING:
        name = process.component.value
        assert shared(name) <= keys(place, name)
    assert place.condition("LeastPrivilege") == ("False", "OlderImage")


@pytest.mark.parametrize("name", sorted(LATER))
def test_logins_that_are_lost_are_made_anew(place: Place, name: str) -> None:
    place.image, place.report = NEW, '{"logins": []}'
    place.start()
    place.settle()
    before = secret(place, name)["data"]
    place.api.remove(("Secret", "clinics", f"clinic-{name}"))
    place.settle()
    assert secret(place, name)["data"].keys() == before.keys()
    assert place.condition("Degraded") == ("False", "AsExpected")


def external() -> Place:
    """A vault of servers that others run, whose Secrets have one login of all processes."""
    found = Place(**{**EXTERNAL, "cache": None})
    found.secret("keys", keys=RING, **{"index-key": "i"})
    found.secret("postgres", url="postgresql://m:w@db/m", **{"owner-url": "postgresql://o:w@db/m"})
    found.secret("rabbitmq", url="amqps://m:w@mq/m")
    found.secret("s3", **{"access-key": "a", "secret-key": "s"})
    return found


def test_one_login_keeps_serving_until_an_administrator_adds_the_others() -> None:
    place = external()
    place.settle()
    assert place.condition("Available") == ("True", "Ready")
    assert place.condition("LeastPrivilege") == ("False", "OneLogin")
    assert {"postgres/url", "rabbitmq/url", "keys/keys"} <= keys(place, "api")
    urls = {f"{one.component}-url": "postgresql://one:w@db/m" for one in RUNNING}
    place.complete("postgres", **urls)
    place.complete("rabbitmq", **urls)
    place.complete("s3", **{"media-access-key": "m", "media-secret-key": "s"})
    place.look()
    assert {"postgres/url", "rabbitmq/url"} <= keys(place, "api")
    place.settle()
    assert place.condition("LeastPrivilege") == ("False", "RingInApi")
    for process in RUNNING:
        name = process.component.value
        assert {f"postgres/{name}-url", f"rabbitmq/{name}-url"} <= keys(place, name)
    assert "s3/media-access-key" in keys(place, "media")
    place.complete("keys", **{"intake-key": PUBLIC})
    place.settle()
    assert place.condition("LeastPrivilege") == ("True", "Divided")
    assert "keys/keys" not in keys(place, "api")
