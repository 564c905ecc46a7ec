"""Processes that follow the work that waits for them."""

from collections.abc import Iterator

from medvault_operator.api.conditions import ConditionType, Reason
from medvault_operator.capabilities.conditions.finding import Finding, Rank
from medvault_operator.capabilities.conditions.scaling_active import scaling_active
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.resources.autoscalers import by_cpu, by_keda, by_metric
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component
from medvault_operator.vault.scaling import (
    AUTOSCALER,
    KEDA_OBJECT,
    Scaler,
    least,
    scaled,
    scaler,
)
from medvault_operator.world.children import ObjectKey, key_of
from medvault_operator.world.cluster import SCALED_OBJECT
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World


def scaling(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:
    """Decide on an autoscaler for each process that may run more often than at least.

    It comes after the Deployment. An autoscaler of another provider goes first: KEDA takes no
    Deployment that has one.
    """
    objects = tuple(_objects(blueprint, world)) if rollout.release.deploy else ()
    return Decision(
        objects=objects,
        again=tuple(_replaced(world, objects)),
        conditions={ConditionType.SCALING_ACTIVE: scaling_active(blueprint, world)},
        findings=tuple(_missing_kind(blueprint, world)),
    )


def _objects(blueprint: Blueprint, world: World) -> Iterator[Manifest]:
    vault, by = blueprint.vault, scaler(blueprint, world)
    for component in scaled(vault):
        minimum = least(blueprint, world, component)
        if component is Component.API:
            yield by_cpu(vault, minimum)
        elif by is Scaler.BUILTIN:
            yield by_metric(vault, component, minimum)
        elif by is Scaler.KEDA and SCALED_OBJECT in world.served:
            yield by_keda(vault, component, minimum)


def _replaced(world: World, wanted: tuple[Manifest, ...]) -> Iterator[ObjectKey]:
    keys = {key_of(one) for one in wanted}
    for kind, name in keys:
        other = (KEDA_OBJECT if kind == AUTOSCALER else AUTOSCALER, name)
        if other in world.children and other not in keys:
            yield other


def _missing_kind(blueprint: Blueprint, world: World) -> Iterator[Finding]:
    if scaler(blueprint, world) is Scaler.KEDA and SCALED_OBJECT not in world.served:
        yield Finding(
            Rank.KIND,
            Reason.KIND_MISSING,
            "spec.scaling.provider is keda, and the cluster does not know ScaledObject. Install "
            "KEDA, or set it to auto.",
        )
