"""Where pods may run."""

from typing import Literal

from pydantic import Field

from medvault_operator.api.v1alpha1.shape import ObjectName, Shape


class Toleration(Shape):
    """A taint of nodes that the pods put up with."""

    key: str | None = Field(default=None, description="The taint's key; all without it.")
    operator: Literal["Exists", "Equal"] = Field(
        default="Equal", description="How `value` is compared."
    )
    value: str | None = Field(default=None, description="The taint's value.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="The taint's effect; all without it."
    )
    toleration_seconds: int | None = Field(
        default=None, description="How long NoExecute is put up with; for ever without it."
    )


class Topology(Shape):
    """How pods are spread, and over which nodes."""

    zone_key: str = Field(
        default="topology.kubernetes.io/zone",
        min_length=1,
        max_length=316,
        description="Label of the nodes that says which zone they are in.",
    )
    when_unsatisfiable: Literal["ScheduleAnyway", "DoNotSchedule"] = Field(
        default="ScheduleAnyway",
        description="What happens to a pod that would make zones uneven: it runs all the same, or "
        "waits.",
    )
    node_selector: dict[str, str] = Field(
        default_factory=dict, description="Labels that a node must have."
    )
    tolerations: list[Toleration] = Field(
        default_factory=list, max_length=32, description="Taints that the pods put up with."
    )
    priority_class_name: ObjectName | None = Field(
        default=None, description="PriorityClass of the pods."
    )
