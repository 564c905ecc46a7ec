"""Reading Secrets: their keys, and values only where another Secret is made of them."""

from base64 import b64decode
from collections.abc import Iterable, Mapping

from medvault_operator.kube.api import Api
from medvault_operator.kube.kinds import SECRET
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.secrets import Secret


def secrets(api: Api, namespace: str, names: Iterable[str]) -> dict[str, Secret]:
    """Return the Secrets of these names that exist."""
    return {name: secret_of(found) for name, found in _found(api, namespace, names).items()}


def values(api: Api, namespace: str, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the decoded content of these Secrets, as far as they exist."""
    return {name: _decoded(found) for name, found in _found(api, namespace, names).items()}


def secret_of(found: Manifest) -> Secret:
    """Return the keys of a Secret that have a value, and its version."""
    keys = frozenset(key for key, value in (found.get("data") or {}).items() if value)
    return Secret(keys, found["metadata"]["resourceVersion"])


def _found(api: Api, namespace: str, names: Iterable[str]) -> Mapping[str, Manifest]:
    read = {name: api.get(SECRET, namespace, name) for name in dict.fromkeys(names)}
    return {name: secret for name, secret in read.items() if secret is not None}


def _decoded(found: Manifest) -> dict[str, str]:
    return {key: b64decode(value).decode() for key, value in (found.get("data") or {}).items()}
