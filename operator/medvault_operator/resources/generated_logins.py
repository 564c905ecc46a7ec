"""A login for each process at the servers that the operator runs, and what they read of it."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit

from medvault_operator.api.v1alpha1 import logins
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources import database as database_server
from medvault_operator.vault.addresses import endpoint
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.credentials import DEFINITIONS, USERS
from medvault_operator.vault.grants import QUEUES, Queues
from medvault_operator.world.manifest import Manifest

RandomBytes = Callable[[int], bytes]
_PASSWORD_BYTES = 24
_SALT_BYTES = 4
_HOST = "/"
_EVERYTHING = Queues(".*", ".*", ".*")


def password(random_bytes: RandomBytes) -> str:
    """Return what needs no escaping in a URL or a configuration file."""
    return random_bytes(_PASSWORD_BYTES).hex()


def user_of(process: Component) -> str:
    """Return what a process' login is called, at every server."""
    return f"vault_{process}"


def database(vault: MedicalVault, random_bytes: RandomBytes) -> dict[str, str]:
    """Return the database's URLs; `medvault migrate` makes these logins."""
    place = f"{endpoint(vault, Component.DATABASE)}/{database_server.NAME}"
    return {
        logins.url_of(one): f"postgresql://{user_of(one)}:{password(random_bytes)}@{place}"
        for one in SERVICES
    }


def broker(vault: MedicalVault, random_bytes: RandomBytes, shared: str) -> dict[str, str]:
    """Return the broker's URLs and its users.

    The user of the URL `shared`, with which a release before this one goes on, is an administrator
    no more.
    """
    words = {one: password(random_bytes) for one in SERVICES}
    place = endpoint(vault, Component.BROKER)
    users = [_user(user_of(one), words[one], QUEUES[one], random_bytes) for one in SERVICES]
    former = urlsplit(shared)
    name, word = unquote(former.username or ""), unquote(former.password or "")
    users.append(_user(name, word, _EVERYTHING, random_bytes))
    urls = {
        logins.url_of(one): f"amqp://{user_of(one)}:{words[one]}@{place}/%2F" for one in SERVICES
    }
    return {**urls, DEFINITIONS: json.dumps(_definitions(users))}


def storage(vault: MedicalVault, random_bytes: RandomBytes) -> dict[str, str]:  # noqa: ARG001
    """Return media's keys of the store and its users; the bucket's policy lets media in."""
    access, private = password(random_bytes), password(random_bytes)
    account = {"access": access, "secret": private, "role": "user"}
    return {
        logins.MEDIA_ACCESS_KEY: access,
        logins.MEDIA_SECRET_KEY: private,
        USERS: json.dumps({"accessAccounts": {access: account}}),
    }


MADE: Mapping[Component, Callable[[MedicalVault, RandomBytes], dict[str, str]]] = {
    Component.DATABASE: database,
    Component.STORAGE: storage,
}


def _user(name: str, word: str, may: Queues, random_bytes: RandomBytes) -> tuple[Any, Any]:
    """Return a user and its permissions, as rabbitmq.com/docs/definitions has them.

    The hash is a salt of 4 bytes and SHA-256 of salt and password, rabbitmq.com/docs/passwords.
    """
    salt = random_bytes(_SALT_BYTES)
    hashed = b64encode(salt + sha256(salt + word.encode()).digest()).decode()
    user = {
        "name": name,
        "password_hash": hashed,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }
    rights = {"configure": may.configure, "write": may.write, "read": may.read}
    return user, {"user": name, "vhost": _HOST, **rights}


def _definitions(users: list[tuple[Any, Any]]) -> Manifest:
    return {
        "users": [user for user, _ in users],
        "vhosts": [{"name": _HOST}],
        "permissions": [permission for _, permission in users],
    }
