"""RabbitMQ, which wakes the workers and takes webhooks in when the database can't."""

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.managed import Volume
from medvault_operator.api.v1alpha1.shape import Port, SecretReference, Shape, either, rules
from medvault_operator.api.v1alpha1.workloads import Resources, resources

URL = "url"
SECRET_KEYS = (URL,)


class ExternalBroker(Shape):
    """RabbitMQ 3.10 or newer that somebody else runs."""

    secret_ref: SecretReference = Field(
        description="Secret with `url`: amqp://user:password@host/vhost, or amqps. With `api-url`, "
        "`inbound-url`, `media-url` and `outbound-url` each process has a login of its own, and "
        "`url` is not needed."
    )
    port: Port = Field(
        default=5672, description="Its port, for the network policies; 5671 with amqps."
    )


class ManagedBroker(Shape):
    """RabbitMQ as a single instance that the operator runs: not highly available."""

    image: str = Field(default="rabbitmq:4.0-management", min_length=1, description="Image to run.")
    storage: Volume = Field(default=Volume(size="5Gi"), description="Where its queues are.")
    resources: Resources = Field(
        default=resources("250m", "512Mi", "1Gi"), description="What it may use."
    )


class Broker(Shape):
    """Where the broker is."""

    model_config = ConfigDict(
        json_schema_extra=rules(either("external", "managed", "broker: {managed: {}}"))
    )

    external: ExternalBroker | None = Field(
        default=None, description="RabbitMQ that somebody else runs; take this for production."
    )
    managed: ManagedBroker | None = Field(
        default=None,
        description="RabbitMQ that the operator runs as a single instance. Its credentials are in "
        "the Secrets <vault>-broker and <vault>-broker-logins.",
    )
