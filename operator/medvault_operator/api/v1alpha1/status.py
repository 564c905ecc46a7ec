"""The status that the operator writes of a vault."""

from typing import Annotated

from pydantic import Field

from medvault_operator.api.conditions import Condition
from medvault_operator.api.v1alpha1.shape import Shape, keyed_by

Count = Annotated[int, Field(ge=0)]


class WorkloadStatus(Shape):
    """How many of a process run."""

    name: str = Field(description="api, inbound, media, outbound, or a managed dependency.")
    desired: Count = Field(description="How many should run.")
    ready: Count = Field(description="How many are ready.")


class StorageStatus(Shape):
    """Facts that are known of the store."""

    lacks: list[str] = Field(
        default_factory=list,
        description="Features that the store lacks, such as life-cycle rules, and what follows.",
    )


class VaultStatus(Shape):
    """The operator's observations and acts."""

    observed_generation: int | None = Field(
        default=None, description="Generation of the spec that was last applied in whole."
    )
    conditions: list[Condition] = Field(
        default_factory=list,
        json_schema_extra=keyed_by("type"),
        description="Available, Progressing, Degraded, Paused, HighlyAvailable, ScalingActive, "
        "LeastPrivilege and IdentityCheck, each with a reason and what to do next.",
    )
    image: str | None = Field(default=None, description="Image that the services run.")
    ready: str | None = Field(
        default=None, description="Pods that are ready, of those that should run."
    )
    workloads: list[WorkloadStatus] = Field(
        default_factory=list,
        json_schema_extra=keyed_by("name"),
        description="The same for each process.",
    )
    storage: StorageStatus | None = Field(default=None, description="What is known of the store.")
