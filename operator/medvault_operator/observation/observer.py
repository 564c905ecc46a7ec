"""Reading the world around a vault."""

import time
from base64 import b64decode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.kube.api import Api
from medvault_operator.kube.kinds import (
    CERTIFICATE,
    NODE,
    OPTIONAL,
    POD,
    SECRET,
    STORAGE_CLASS,
    WATCHED,
    Kind,
)
from medvault_operator.observation import pods
from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.vault import labels
from medvault_operator.vault.components import Component
from medvault_operator.vault.credentials import Credentials
from medvault_operator.vault.name import VaultName
from medvault_operator.world.cluster import Cluster, StorageClass
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_FRESH_SECONDS = 10.0


class Observer:
    """Reads the world; facts of the whole cluster are read every ten seconds."""

    def __init__(
        self,
        api: Api,
        clock: Callable[[], float] = time.monotonic,
        identity_checks: IdentityChecks | None = None,
    ) -> None:
        self._api = api
        self._clock = clock
        self._identity_checks = identity_checks or IdentityChecks()
        self._cluster: tuple[float, Cluster] | None = None

    def world(self, vault: MedicalVault, credentials: Credentials) -> World:
        """Return what is around a vault now; of Secrets those of its credentials."""
        cluster, now = self._of_cluster(), datetime.now(UTC)
        name = VaultName(vault.namespace, vault.name)
        around = self._api.list(POD, vault.namespace, selector(vault))
        return World(
            now=now,
            children=self._children(vault, cluster.served),
            secrets=self._secrets(vault, credentials),
            served=cluster.served,
            storage_classes=cluster.storage_classes,
            zones=_zones(cluster, vault.spec.topology.zone_key),
            troubles=pods.troubles(around, now),
            terminations=pods.terminations(around),
            inbound=pods.ready_addresses(around, Component.INBOUND),
            identity_check=self._identity_checks.known(name),
            identity_due=self._identity_checks.due(name),
        )

    def _children(
        self, vault: MedicalVault, served: frozenset[str]
    ) -> dict[tuple[str, str], Manifest]:
        kinds = (*WATCHED, *(kind for kind in OPTIONAL if kind.api in served))
        found = (
            child
            for kind in kinds
            for child in self._api.list(kind, vault.namespace, selector(vault))
        )
        return {
            (child["kind"], child["metadata"]["name"]): child
            for child in found
            if owned(child, vault)
        }

    def _secrets(self, vault: MedicalVault, credentials: Credentials) -> dict[str, Secret]:
        found = {
            credential.name: self._api.get(SECRET, vault.namespace, credential.name)
            for credential in credentials.needed
        }
        return {name: secret_of(secret) for name, secret in found.items() if secret is not None}

    def values(self, vault: MedicalVault, names: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return what is in Secrets; only of those of which others are to be made."""
        found = {name: self._api.get(SECRET, vault.namespace, name) for name in names}
        return {name: _decoded(secret) for name, secret in found.items() if secret is not None}

    def _of_cluster(self) -> Cluster:
        now = self._clock()
        if self._cluster is None or now - self._cluster[0] > _FRESH_SECONDS:
            self._cluster = now, self._look_at_cluster()
        return self._cluster[1]

    def _look_at_cluster(self) -> Cluster:
        return Cluster(
            served=frozenset(_served(self._api, (*OPTIONAL, CERTIFICATE))),
            storage_classes=tuple(_class(found) for found in self._api.list(STORAGE_CLASS)),
            node_labels=tuple(node["metadata"].get("labels", {}) for node in self._api.list(NODE)),
        )


def selector(vault: MedicalVault) -> str:
    """Return the label selector of everything that belongs to a vault."""
    return f"{labels.MANAGED_BY}={labels.MANAGER},{labels.INSTANCE}={vault.name}"


def owned(child: Manifest, vault: MedicalVault) -> bool:
    """Tell whether an object has this very vault as its owner."""
    owners = child["metadata"].get("ownerReferences", ())
    return any(owner["uid"] == vault.metadata.uid for owner in owners)


def _served(api: Api, kinds: Iterable[Kind]) -> Iterable[str]:
    return (kind.api for kind in kinds if api.serves(kind))


def secret_of(found: Manifest) -> Secret:
    """Return of a Secret which keys have a value, and its version."""
    keys = frozenset(key for key, value in (found.get("data") or {}).items() if value)
    return Secret(keys, found["metadata"]["resourceVersion"])


def _decoded(found: Manifest) -> dict[str, str]:
    return {key: b64decode(value).decode() for key, value in (found.get("data") or {}).items()}


def _class(found: Manifest) -> StorageClass:
    metadata = found["metadata"]
    default = metadata.get("annotations", {}).get(_DEFAULT_CLASS) == "true"
    return StorageClass(metadata["name"], default)


def _zones(cluster: Cluster, key: str) -> frozenset[str]:
    return frozenset(node[key] for node in cluster.node_labels if key in node)
