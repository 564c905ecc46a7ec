"""Metrics of a vault where Prometheus' operator looks for them."""

from collections.abc import Iterator

from medvault_operator.api.conditions import Reason
from medvault_operator.capabilities.conditions.finding import Finding, Rank
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.resources.service_monitor import service_monitor
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.world.cluster import SERVICE_MONITOR
from medvault_operator.world.world import World


def monitoring(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:  # noqa: ARG001
    """Decide on the ServiceMonitor, where the cluster knows that kind."""
    return Decision(
        objects=tuple(service_monitor(blueprint.vault, world)),
        findings=tuple(_missing_kinds(blueprint, world)),
    )


def _missing_kinds(blueprint: Blueprint, world: World) -> Iterator[Finding]:
    wanted = blueprint.vault.spec.monitoring.service_monitor == "enabled"
    if wanted and SERVICE_MONITOR not in world.served:
        yield Finding(
            Rank.KIND,
            Reason.KIND_MISSING,
            "spec.monitoring.serviceMonitor is enabled, and the cluster does not know "
            "ServiceMonitor. Install Prometheus' operator, or set it to auto.",
        )
