"""Credentials and keys that the operator makes once."""

import json
import os
from base64 import b64decode
from dataclasses import replace
from itertools import count
from urllib.parse import urlsplit

import pytest

from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources import generated_secrets
from medvault_operator.vault.credentials import Credentials
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World
from support.medical_vaults import EXTERNAL, MANAGED, ROUTED, VAULTS, vault
from support.worlds import furnished, missing, running

URLS = ("database", "broker")
OWN = ("api-url", "inbound-url", "media-url", "outbound-url")
FIRST = {"clinic-keys", "clinic-database", "clinic-broker", "clinic-cache", "clinic-storage"}
LOGINS = {"clinic-database-logins", "clinic-broker-logins", "clinic-storage-logins"}
MADE = {*FIRST, *LOGINS, "clinic-intake"}


def secrets(given: MedicalVault, **world: object) -> dict[str, Manifest]:
    """The Secrets that are made for a vault without any, of bytes that are never the same.

    Those that are made of others come when the first ones are there.
    """
    numbers = count(1)

    def random_bytes(size: int) -> bytes:
        return next(numbers).to_bytes(size, "big")

    around = furnished(given, **{"secrets": {}, **world})
    first = named(missing(given, around, random_bytes))
    there = {name: Secret(frozenset(values), "1") for name, values in first.items()}
    later = replace(around, secrets={**around.secrets, **there})
    known = {name: first[name] for name in sources(given, later) if name in first}
    return first | named(missing(given, later, random_bytes, known))


def sources(given: MedicalVault, world: World) -> list[str]:
    """The names of the Secrets that have to be read for it."""
    return generated_secrets.sources(Credentials.of(given), world)


def named(made: list[Manifest]) -> dict[str, Manifest]:
    """Secrets' contents by their names."""
    return {one["metadata"]["name"]: one["stringData"] for one in made}


def test_every_managed_dependency_and_the_keys_have_a_secret() -> None:
    assert secrets(vault(ROUTED)).keys() == MADE
    assert secrets(vault(MANAGED)).keys() == MADE - {"clinic-cache"}


def test_what_others_keep_is_not_made() -> None:
    assert secrets(vault(EXTERNAL)) == {}


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_a_secret_has_the_keys_that_are_asked_of_it(given: MedicalVault) -> None:
    asked = {one.name: set(one.keys) for one in Credentials.of(given).needed if one.generated}
    assert {name: set(made) for name, made in secrets(given).items()} == asked


def test_what_exists_is_never_made_again() -> None:
    given = vault(ROUTED)
    assert missing(given, furnished(given), bytes) == []


def test_what_was_lost_is_not_made_anew() -> None:
    given = vault(ROUTED)
    children = running(given).children
    assert secrets(given, children=children).keys() == LOGINS - {"clinic-broker-logins"}


def test_a_vault_of_the_release_before_keeps_its_secrets_and_gets_logins_beside_them() -> None:
    given = vault(ROUTED)
    world = furnished(given)
    old = {name: secret for name, secret in world.secrets.items() if name in FIRST}
    before = replace(running(given), secrets=old)
    assert sources(given, before) == ["clinic-keys", "clinic-broker"]
    known = {
        "clinic-broker": {"url": "amqp://medvault:word@clinic-broker.clinics.svc:5672/%2F"},
        "clinic-keys": {"keys": "# of 2026\nk1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
    }
    made = named(missing(given, before, os.urandom, known))
    assert made.keys() == {*LOGINS, "clinic-intake"}
    users = json.loads(made["clinic-broker-logins"]["definitions.json"])["users"]
    assert "medvault" in {user["name"] for user in users}


def test_what_is_made_of_another_waits_until_that_one_was_read() -> None:
    given = vault(ROUTED)
    first = named(missing(given, furnished(given, secrets={}), os.urandom))
    assert first.keys() == {*FIRST, *LOGINS} - {"clinic-broker-logins"}


def test_a_dependency_that_is_added_gets_its_secret() -> None:
    around = running(vault(MANAGED))
    made = secrets(vault(ROUTED), children=around.children, secrets=around.secrets)
    assert made.keys() == {"clinic-cache"}


def test_no_two_passwords_are_the_same() -> None:
    made = secrets(vault(ROUTED))
    passwords = [
        *(urlsplit(made["clinic-database"][key]).password for key in ("url", "owner-url")),
        urlsplit(made["clinic-broker"]["url"]).password,
        urlsplit(made["clinic-cache"]["url"]).password,
        *made["clinic-storage"].values(),
        *(urlsplit(made[f"clinic-{one}-logins"][key]).password for one in URLS for key in OWN),
        *(made["clinic-storage-logins"][key] for key in ("media-access-key", "media-secret-key")),
    ]
    assert len(set(passwords)) == len(passwords) == 16
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
    made = secrets(vault(MANAGED))
    ring = KeyRing.parse(made["clinic-keys"]["keys"])
    assert len(ring.master("k1")) == 32
    assert len(b64decode(made["clinic-keys"]["index-key"])) == 32
    assert made["clinic-intake"] == {"intake-key": f"{IntakeKey.of(ring).to_text()}\n"}
