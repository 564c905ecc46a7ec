"""Scaling: which processes are scaled, and by whom."""

from enum import StrEnum

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import SERVICES, Component, child_name, replicas
from medvault_operator.world.cluster import SCALED_OBJECT
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

AUTOSCALER, KEDA_OBJECT = "HorizontalPodAutoscaler", "ScaledObject"
SCALES_TO_ZERO = (1, 37)
"""The release of Kubernetes since which its own autoscaler may run none."""


class Scaler(StrEnum):
    """A way in which workers follow their queues."""

    KEDA = "keda"
    BUILTIN = "builtin"
    NOBODY = "nobody"


def scaler(blueprint: Blueprint, world: World) -> Scaler:
    """Return who scales a vault's workers; a provider that the spec names even if it is missing."""
    provider = blueprint.vault.spec.scaling.provider
    if provider == "none":
        return Scaler.NOBODY
    if provider != "auto":
        return Scaler(provider)
    if SCALED_OBJECT in world.served:
        return Scaler.KEDA
    ours = blueprint.external_metrics
    return Scaler.BUILTIN if ours and world.external_metrics == ours else Scaler.NOBODY


def scaled(vault: MedicalVault) -> tuple[Component, ...]:
    """Return the processes that may run more often than at least, if anybody is to scale them."""
    if vault.spec.scaling.provider == "none":
        return ()
    bounds = {one: replicas(vault, one) for one in SERVICES}
    return tuple(one for one, given in bounds.items() if given.max and given.max > given.min)


def least(blueprint: Blueprint, world: World, component: Component) -> int:
    """Return how many of a process run at least; none only where somebody can wake it again."""
    wanted = blueprint.replicas[component]
    by = scaler(blueprint, world)
    wakes = by is Scaler.KEDA or (by is Scaler.BUILTIN and world.version >= SCALES_TO_ZERO)
    return wanted if wakes and component in scaled(blueprint.vault) else max(wanted, 1)


def autoscaler(vault: MedicalVault, world: World, component: Component) -> Manifest | None:
    """Return the object by which a process is scaled, if it exists."""
    name = child_name(vault, component)
    return world.children.get((AUTOSCALER, name)) or world.children.get((KEDA_OBJECT, name))
