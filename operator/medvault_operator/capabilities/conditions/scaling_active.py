"""Whether the number of replicas follows the work that waits."""

from collections.abc import Iterator, Mapping

from medvault_operator.api.conditions import Reason
from medvault_operator.capabilities.conditions.judgement import Judgement
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component, replicas
from medvault_operator.vault.scaling import (
    SCALES_TO_ZERO,
    Scaler,
    autoscaler,
    least,
    scaled,
    scaler,
)
from medvault_operator.world.cluster import SCALED_OBJECT
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

_METRICS_LOST = ("ScalingActive", "Ready")
"""The conditions that an autoscaler, or a ScaledObject, has for it."""
_INSTALL = "Install KEDA."


def scaling_active(blueprint: Blueprint, world: World) -> Judgement:
    """Decide by who scales, and by what the autoscalers say of themselves."""
    wanted = scaled(blueprint.vault)
    if not wanted:
        return Judgement("False", Reason.FIXED, _fixed(blueprint))
    if lost := _without_metrics(blueprint, world):
        return lost
    told = {one: _told(autoscaler(blueprint.vault, world, one)) for one in wanted}
    if silent := [one for one, conditions in told.items() if not conditions]:
        message = f"The autoscalers of {', '.join(silent)} have not told anything yet."
        return Judgement("Unknown", Reason.STARTING, message)
    for one, conditions in told.items():
        if problem := _problem(one, conditions):
            return problem
    return _active(blueprint, world, wanted, told)


def _fixed(blueprint: Blueprint) -> str:
    if blueprint.vault.spec.scaling.provider == "none":
        return "spec.scaling.provider is none: of each process as many run as replicas.min says."
    return (
        "No process has a replicas.max above its replicas.min. Set it under spec.api.replicas and "
        "spec.workers to have processes follow the work that waits."
    )


def _without_metrics(blueprint: Blueprint, world: World) -> Judgement | None:
    workers = [one for one in scaled(blueprint.vault) if one is not Component.API]
    if not workers:
        return None
    by, owner = scaler(blueprint, world), world.external_metrics
    if by is Scaler.KEDA and SCALED_OBJECT not in world.served:
        message = "spec.scaling.provider is keda, and the cluster has no KEDA. " + _INSTALL
        return Judgement("False", Reason.NO_METRICS, message)
    if by is Scaler.BUILTIN and owner and owner != blueprint.external_metrics:
        return Judgement(
            "False",
            Reason.METRICS_OF_ANOTHER,
            f"The API external.metrics.k8s.io belongs to the Service {owner}, and a cluster has "
            "one. Where that is KEDA, set spec.scaling.provider to keda; else remove it.",
        )
    if by is Scaler.NOBODY or (by is Scaler.BUILTIN and not owner):
        message = f"Nobody tells autoscalers how much work waits; replicas stay. {_INSTALL}"
        return Judgement("False", Reason.NO_METRICS, message)
    return None


def _told(found: Manifest | None) -> Mapping[str, Manifest]:
    conditions = ((found or {}).get("status") or {}).get("conditions") or ()
    return {one["type"]: one for one in conditions}


def _problem(component: Component, told: Mapping[str, Manifest]) -> Judgement | None:
    for kind in _METRICS_LOST:
        one = told.get(kind)
        if one and one["status"] == "False":
            said = one.get("message", "")
            message = f"{component} is not scaled, its replicas stay: {said}"
            return Judgement("False", Reason.METRICS_LOST, message)
    return None


def _active(
    blueprint: Blueprint,
    world: World,
    wanted: tuple[Component, ...],
    told: Mapping[Component, Mapping[str, Manifest]],
) -> Judgement:
    full = [one for one in wanted if _at_maximum(told[one])]
    if full:
        most = ", ".join(f"{one} ({replicas(blueprint.vault, one).max})" for one in full)
        return Judgement(
            "True",
            Reason.AT_MAXIMUM,
            f"As many run as replicas.max lets: {most}. If it lasts, raise it.",
        )
    if awake := list(_not_to_zero(blueprint, world, wanted)):
        return Judgement(
            "True",
            Reason.NOT_TO_ZERO,
            f"One of {', '.join(awake)} runs though replicas.min is 0: to run none takes KEDA, or "
            f"Kubernetes {'.'.join(map(str, SCALES_TO_ZERO))}.",
        )
    names = ", ".join(wanted)
    return Judgement("True", Reason.SCALING, f"Replicas follow the work that waits: {names}.")


def _at_maximum(told: Mapping[str, Manifest]) -> bool:
    limited = told.get("ScalingLimited", {})
    return limited.get("status") == "True" and limited.get("reason") == "TooManyReplicas"


def _not_to_zero(
    blueprint: Blueprint, world: World, wanted: tuple[Component, ...]
) -> Iterator[Component]:
    for one in wanted:
        if least(blueprint, world, one) > blueprint.replicas[one]:
            yield one
