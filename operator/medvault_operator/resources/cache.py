"""Valkey as the operator runs it: in memory only, and what it holds longest is left out first."""

from medvault_operator.api.v1alpha1.cache import ManagedCache
from medvault_operator.resources import pods, stateful
from medvault_operator.resources.quantities import in_bytes
from medvault_operator.resources.stateful import Server
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component
from medvault_operator.vault.credentials import CACHE_SETTINGS
from medvault_operator.world.manifest import Manifest

_VALKEY = 999
_SECRET = "/run/secrets/valkey"  # noqa: S105
_SHARE = 0.7
"""The share of the memory limit for data; the rest is for connections and fragmentation."""


def objects(blueprint: Blueprint, given: ManagedCache) -> list[Manifest]:
    """Return the cache's objects."""
    server = Server(
        component=Component.CACHE,
        image=given.image,
        user=_VALKEY,
        resources=given.resources,
        container={
            "args": ["valkey-server", f"{_SECRET}/{CACHE_SETTINGS}", *_options(given)],
            "volumeMounts": [
                pods.mount("credentials", _SECRET, read_only=True),
                pods.mount(stateful.DATA, "/data"),
            ],
        },
        volumes=(
            pods.scratch(stateful.DATA, "16Mi"),
            {
                "name": "credentials",
                "secret": {
                    "secretName": blueprint.credentials.servers[Component.CACHE].name,
                    "items": [{"key": CACHE_SETTINGS, "path": CACHE_SETTINGS}],
                },
            },
        ),
        grace=10,
    )
    return stateful.objects(blueprint.vault, server)


def _options(given: ManagedCache) -> list[str]:
    options = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "allkeys-lru"]
    if limit := given.resources.limits.get("memory"):
        options += ["--maxmemory", str(int(in_bytes(limit) * _SHARE))]
    return options
