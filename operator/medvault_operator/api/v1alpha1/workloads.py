"""The processes of medvault: how many of each, and what each may use."""

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.shape import Quantity, Rule, Shape, rules


class Replicas(Shape):
    """How many of a process run."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            Rule(
                "!has(self.max) || self.min <= self.max",
                "replicas.min must not be above replicas.max",
            )
        )
    )

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


class Resources(Shape):
    """Compute resources of a container."""

    requests: dict[str, Quantity] = Field(
        default_factory=dict, description="What is set aside for it: `cpu` and `memory`."
    )
    limits: dict[str, Quantity] = Field(
        default_factory=dict, description="What it may use at most: `cpu` and `memory`."
    )


def resources(cpu: str, memory: str, limit: str) -> Resources:
    """Return requests of both and a limit of memory; CPU is left to whoever needs it."""
    return Resources(requests={"cpu": cpu, "memory": memory}, limits={"memory": limit})


class Workload(Shape):
    """Processes of one kind."""

    replicas: Replicas = Field(default=Replicas(), description="How many run.")
    resources: Resources = Field(
        default=resources("100m", "256Mi", "512Mi"), description="What each may use."
    )


class Api(Workload):
    """The API, which takes WhatsApp's webhooks."""


class Inbound(Workload):
    """Workers that hold conversations."""


class Media(Workload):
    """Workers that fetch, check, scan and file patients' files."""

    threads: int = Field(
        default=4,
        ge=1,
        le=32,
        description="Files that each handles at once. A file takes up to 1 GiB while it is "
        "examined: give as many of them as `resources.limits.memory` holds.",
    )
    resources: Resources = Field(
        default=resources("200m", "512Mi", "4Gi"), description="What each may use."
    )


class Outbound(Workload):
    """Workers that send replies."""


class Workers(Shape):
    """The workers, by what they do."""

    inbound: Inbound = Field(
        default=Inbound(), description="Conversations, statuses and overdue work."
    )
    media: Media = Field(default=Media(), description="Files.")
    outbound: Outbound = Field(default=Outbound(), description="Replies.")
