"""How Prometheus finds the vault."""

from typing import Literal

from pydantic import Field

from medvault_operator.api.v1alpha1.shape import Shape


class Monitoring(Shape):
    """Metrics for Prometheus."""

    service_monitor: Literal["auto", "enabled", "disabled"] = Field(
        default="auto",
        description="Whether a ServiceMonitor is made: `auto` makes one where the cluster knows "
        "the kind.",
    )
    labels: dict[str, str] = Field(
        default_factory=dict,
        description="Labels of the ServiceMonitor, by which your Prometheus selects it.",
    )
