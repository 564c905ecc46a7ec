"""The parts that a vault is made of, and what they are called."""

from enum import StrEnum

from medvault_operator.api.v1alpha1.managed import Volume
from medvault_operator.api.v1alpha1.scaling import Replicas
from medvault_operator.api.v1alpha1.vault import MedicalVault


class Component(StrEnum):
    """A part of a vault; its pods carry it as `app.kubernetes.io/component`."""

    API = "api"
    INBOUND = "inbound"
    MEDIA = "media"
    OUTBOUND = "outbound"
    MIGRATE = "migrate"
    CONTRACT = "contract"
    DATABASE = "database"
    BROKER = "broker"
    CACHE = "cache"
    STORAGE = "storage"
    SCANNER = "scanner"


SERVICES = (Component.API, Component.INBOUND, Component.MEDIA, Component.OUTBOUND)
"""The processes of medvault that run all the time."""


def child_name(vault: MedicalVault, component: Component) -> str:
    """Return the name of a component's Deployment or StatefulSet, Service and policies."""
    return f"{vault.name}-{component}"


def replicas(vault: MedicalVault, component: Component) -> Replicas:
    """Return how many of a process should run."""
    workers = vault.spec.workers
    counts = {
        Component.API: vault.spec.api.replicas,
        Component.INBOUND: workers.inbound.replicas,
        Component.MEDIA: workers.media.replicas,
        Component.OUTBOUND: workers.outbound.replicas,
    }
    return counts[component]


def managed(vault: MedicalVault) -> tuple[Component, ...]:
    """Return the dependencies that the operator runs, each as a single instance."""
    spec = vault.spec
    parts = {
        Component.DATABASE: spec.database.managed,
        Component.BROKER: spec.broker.managed,
        Component.CACHE: spec.cache and spec.cache.managed,
        Component.STORAGE: spec.storage.managed,
        Component.SCANNER: spec.scanner.managed,
    }
    return tuple(component for component, part in parts.items() if part)


def volumes(vault: MedicalVault) -> dict[Component, Volume]:
    """Return the volumes of the dependencies that the operator runs."""
    spec = vault.spec
    found = {
        Component.DATABASE: spec.database.managed and spec.database.managed.storage,
        Component.BROKER: spec.broker.managed and spec.broker.managed.storage,
        Component.STORAGE: spec.storage.managed and spec.storage.managed.storage,
        Component.SCANNER: spec.scanner.managed and spec.scanner.managed.storage,
    }
    return {component: volume for component, volume in found.items() if volume}
