"""The processes of medvault: how many of each, and what each may use."""

from pydantic import Field

from medvault_operator.api.v1alpha1.scaling import ByCpu, ByQueue, Idle, Replicas
from medvault_operator.api.v1alpha1.shape import Quantity, Shape


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

    scaling: ByCpu = Field(default=ByCpu(), description="When more or fewer run.")


class Inbound(Workload):
    """Workers that hold conversations."""

    scaling: ByQueue = Field(default=ByQueue(target=100), description="When more or fewer run.")


class Media(Workload):
    """Workers that fetch, check, scan and file patients' files."""

    replicas: Idle = Field(default=Idle(), description="How many run.")
    scaling: ByQueue = Field(default=ByQueue(target=8), description="When more or fewer run.")
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

    scaling: ByQueue = Field(default=ByQueue(target=200), description="When more or fewer run.")


class Workers(Shape):
    """The workers, by what they do."""

    inbound: Inbound = Field(
        default=Inbound(), description="Conversations, statuses and overdue work."
    )
    media: Media = Field(default=Media(), description="Files.")
    outbound: Outbound = Field(default=Outbound(), description="Replies.")
