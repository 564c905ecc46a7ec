"""How many of a process run as work comes and goes."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.shape import Rule, Shape, rules

Steadiness = Annotated[int, Field(ge=0, le=3600)]
_ORDERED = Rule(
    "!has(self.max) || self.min <= self.max", "replicas.min must not be above replicas.max"
)


class Replicas(Shape):
    """How many of a process run."""

    model_config = ConfigDict(json_schema_extra=rules(_ORDERED))

    min: int = Field(
        default=2,
        ge=1,
        le=100,
        description="How many run at least. With one, each update is an outage.",
    )
    max: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="How many may run at most; as many as `min` without it.",
    )


class Idle(Replicas):
    """How many of a process run that may have nothing to do for hours."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            _ORDERED,
            Rule(
                "!has(self.min) || self.min > 0 || has(self.max)",
                "replicas.min may be 0 only beside a max",
            ),
        )
    )

    min: int = Field(
        default=2,
        ge=0,
        le=100,
        description="How many run at least. With one, each update is an outage; with 0, none runs "
        "while nothing waits, where the cluster can scale so.",
    )


class Behaviour(Shape):
    """How quickly the number of replicas follows."""

    up_after_seconds: Steadiness = Field(
        default=0, description="How long more must be needed before there are more."
    )
    down_after_seconds: Steadiness = Field(
        default=300, description="How long fewer must be needed before there are fewer."
    )


class ByCpu(Behaviour):
    """Scaling by use of the CPU."""

    cpu_percent: int = Field(
        default=70,
        ge=10,
        le=95,
        description="How much of the requested CPU all together use at most, where `replicas` let "
        "them.",
    )


class ByQueue(Behaviour):
    """Scaling by the work that waits, or is in hand."""

    target: int = Field(
        ge=1,
        le=100_000,
        description="How much work there is for each replica at most, where `replicas` let it: "
        "messages of patients, files, or replies.",
    )


class Scaling(Shape):
    """The provider that scales processes whose `replicas.max` is above `replicas.min`."""

    provider: Literal["auto", "keda", "builtin", "none"] = Field(
        default="auto",
        description="`keda` scales by KEDA, `builtin` by Kubernetes' own autoscaler, where "
        "a server tells it the metric, `none` not at all. `auto` takes KEDA where "
        "the cluster has it.",
    )
