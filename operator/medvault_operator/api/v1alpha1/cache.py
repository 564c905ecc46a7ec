"""Valkey or Redis, which shares the rates of sending; losing it costs speed only."""

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.shape import Port, SecretReference, Shape, either, rules
from medvault_operator.api.v1alpha1.workloads import Resources, resources

URL = "url"
SECRET_KEYS = (URL,)


class ExternalCache(Shape):
    """Valkey or Redis that somebody else runs."""

    secret_ref: SecretReference = Field(
        description="Secret with `url`: redis://:password@host:6379/0, or rediss."
    )
    port: Port = Field(default=6379, description="Its port, for the network policies.")


class ManagedCache(Shape):
    """Valkey as a single instance that the operator runs, in memory only."""

    image: str = Field(default="valkey/valkey:8.1", min_length=1, description="Image to run.")
    resources: Resources = Field(
        default=resources("50m", "64Mi", "256Mi"), description="What it may use."
    )


class Cache(Shape):
    """Where the cache is."""

    model_config = ConfigDict(
        json_schema_extra=rules(either("external", "managed", "cache: {managed: {}}"))
    )

    external: ExternalCache | None = Field(
        default=None, description="Valkey or Redis that somebody else runs."
    )
    managed: ManagedCache | None = Field(
        default=None,
        description="Valkey that the operator runs as a single instance. Its credentials are in "
        "the Secret <vault>-cache.",
    )
