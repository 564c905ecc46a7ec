"""Credentials and keys that the operator makes once."""

from base64 import b64decode
from itertools import count
from urllib.parse import urlsplit

import pytest

from medvault.adapters.crypto.keyring import KeyRing
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.credentials import needed
from medvault_operator.resources.generated_secrets import missing
from medvault_operator.world import Manifest
from support.medical_vaults import EXTERNAL, MANAGED, ROUTED, VAULTS, vault
from support.worlds import furnished, running

MADE = {"clinic-keys", "clinic-database", "clinic-broker", "clinic-cache", "clinic-storage"}


def secrets(given: MedicalVault, **world: object) -> dict[str, Manifest]:
    """What is made for a vault that has no Secrets, of bytes that are never the same."""
    numbers = count(1)
    made = missing(
        given,
        furnished(given, secrets={}, **world),
        lambda size: next(numbers).to_bytes(size, "big"),
    )
    return {one["metadata"]["name"]: one["stringData"] for one in made}


def test_every_managed_dependency_and_the_keys_have_a_secret() -> None:
    assert secrets(vault(ROUTED)).keys() == MADE
    assert secrets(vault(MANAGED)).keys() == MADE - {"clinic-cache"}


def test_what_others_keep_is_not_made() -> None:
    assert secrets(vault(EXTERNAL)) == {}


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_a_secret_has_the_keys_that_are_asked_of_it(given: MedicalVault) -> None:
    asked = {one.name: set(one.keys) for one in needed(given) if one.generated}
    assert {name: set(made) for name, made in secrets(given).items()} == asked


def test_what_exists_is_never_made_again() -> None:
    given = vault(ROUTED)
    assert missing(given, furnished(given), bytes) == []


def test_what_was_lost_is_not_made_anew() -> None:
    given = vault(ROUTED)
    children = running(given).children
    assert secrets(given, children=children) == {}


def test_a_dependency_that_is_added_gets_its_secret() -> None:
    children = running(vault(MANAGED)).children
    assert secrets(vault(ROUTED), children=children).keys() == {"clinic-cache"}


def test_no_two_passwords_are_the_same() -> None:
    made = secrets(vault(ROUTED))
    passwords = [
        *(urlsplit(made["clinic-database"][key]).password for key in ("url", "owner-url")),
        urlsplit(made["clinic-broker"]["url"]).password,
        urlsplit(made["clinic-cache"]["url"]).password,
        *made["clinic-storage"].values(),
    ]
    assert len(set(passwords)) == 6
    assert all(password and len(password) == 48 for password in passwords)


def test_servers_and_clients_are_told_the_same() -> None:
    made = secrets(vault(ROUTED))
    database, broker, cache = (made[f"clinic-{one}"] for one in ("database", "broker", "cache"))
    assert urlsplit(database["owner-url"]).password == database["password"]
    login = urlsplit(broker["url"])
    assert broker["credentials.conf"] == (
        f"default_user = {login.username}\ndefault_pass = {login.password}\n"
    )
    assert cache["valkey.conf"] == f"requirepass {urlsplit(cache['url']).password}\n"


def test_urls_lead_to_the_vaults_own_services() -> None:
    made = secrets(vault(ROUTED))
    hosts = {
        urlsplit(made[f"clinic-{one}"]["url"]).netloc.rpartition("@")[2]
        for one in ("database", "broker", "cache")
    }
    assert hosts == {
        "clinic-database.clinics.svc:5432",
        "clinic-broker.clinics.svc:5672",
        "clinic-cache.clinics.svc:6379",
    }


def test_the_services_read_the_keys() -> None:
    made = secrets(vault(MANAGED))["clinic-keys"]
    assert len(KeyRing.parse(made["keys"]).master("k1")) == 32
    assert len(b64decode(made["index-key"])) == 32
