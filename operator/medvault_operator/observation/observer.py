"""Reading the world around a vault, each part by a module of its own."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.kube.api import Api
from medvault_operator.kube.kinds import POD
from medvault_operator.observation import pods, secrets
from medvault_operator.observation.children import children, selector
from medvault_operator.observation.cluster import ClusterReader
from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.vault.components import Component
from medvault_operator.vault.credentials import Credentials
from medvault_operator.vault.name import VaultName
from medvault_operator.world.world import World


class Observer:
    """Reads the world; facts of the whole cluster are read every ten seconds."""

    def __init__(
        self,
        api: Api,
        identity_checks: IdentityChecks,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._identity_checks = identity_checks
        self._cluster = ClusterReader(api, clock)

    def world(self, vault: MedicalVault, credentials: Credentials) -> World:
        """Return the world around a vault now, with those Secrets that its credentials name."""
        cluster, now = self._cluster.read(), datetime.now(UTC)
        name = VaultName(vault.namespace, vault.name)
        names = (one.name for one in credentials.needed)
        around = self._api.list(POD, vault.namespace, selector(vault))
        return World(
            now=now,
            children=children(self._api, vault, cluster.served),
            secrets=secrets.secrets(self._api, vault.namespace, names),
            served=cluster.served,
            storage_classes=cluster.storage_classes,
            zones=cluster.zones(vault.spec.topology.zone_key),
            external_metrics=cluster.external_metrics,
            version=cluster.version,
            troubles=pods.troubles(around, now),
            terminations=pods.terminations(around),
            inbound=pods.ready_addresses(around, Component.INBOUND),
            identity_check=self._identity_checks.known(name),
            identity_due=self._identity_checks.due(name),
        )

    def values(self, vault: MedicalVault, names: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return the content of Secrets; to be asked only for those that others are made of."""
        return secrets.values(self._api, vault.namespace, names)
