"""PostgreSQL, which holds the truth."""

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.managed import Volume, immutable_choice
from medvault_operator.api.v1alpha1.shape import Port, SecretReference, Shape, either, rules
from medvault_operator.api.v1alpha1.workloads import Resources, resources

URL = "url"
OWNER_URL = "owner-url"
REPLICA_URL = "replica-url"
SECRET_KEYS = (URL, OWNER_URL)


class ExternalDatabase(Shape):
    """PostgreSQL 15 to 18 that somebody else runs."""

    secret_ref: SecretReference = Field(
        description="Secret with `url` (the services' login, "
        "postgresql://user:password@host/name), `owner-url` (the login that owns the tables; only "
        "migrations use it) and, if there is one, `replica-url` (a read replica). With `api-url`, "
        "`inbound-url`, `media-url` and `outbound-url` each process has a login of its own, and "
        "`url` is not needed."
    )
    port: Port = Field(default=5432, description="Its port, for the network policies.")


class ManagedDatabase(Shape):
    """PostgreSQL as a single instance that the operator runs: not highly available."""

    image: str = Field(default="postgres:17", min_length=1, description="Image to run.")
    storage: Volume = Field(default=Volume(size="20Gi"), description="Where the data are.")
    resources: Resources = Field(
        default=resources("250m", "512Mi", "2Gi"), description="What it may use."
    )


class Database(Shape):
    """Where the database is."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            either("external", "managed", "database: {managed: {}}"), immutable_choice("database")
        )
    )

    external: ExternalDatabase | None = Field(
        default=None, description="PostgreSQL that somebody else runs; take this for production."
    )
    managed: ManagedDatabase | None = Field(
        default=None,
        description="PostgreSQL that the operator runs as a single instance. Its credentials are "
        "in the Secrets <vault>-database and <vault>-database-logins.",
    )
