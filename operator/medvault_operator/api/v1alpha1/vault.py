"""A vault: the resource as a whole."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.broker import Broker
from medvault_operator.api.v1alpha1.cache import Cache
from medvault_operator.api.v1alpha1.database import Database
from medvault_operator.api.v1alpha1.entrance import Entrance
from medvault_operator.api.v1alpha1.keys import Keys
from medvault_operator.api.v1alpha1.monitoring import Monitoring
from medvault_operator.api.v1alpha1.quotas import Quotas
from medvault_operator.api.v1alpha1.scaling import Scaling
from medvault_operator.api.v1alpha1.scanner import Scanner
from medvault_operator.api.v1alpha1.shape import Rule, SecretReference, Shape, keyed_by, rules
from medvault_operator.api.v1alpha1.status import VaultStatus
from medvault_operator.api.v1alpha1.storage import Storage
from medvault_operator.api.v1alpha1.topology import Topology
from medvault_operator.api.v1alpha1.whatsapp import WhatsApp
from medvault_operator.api.v1alpha1.workloads import Api, Workers

LONGEST_NAME = 40
Timezone = Annotated[
    str, Field(max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$")
]


class VaultSpec(Shape):
    """An administrator's wishes for a vault."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            Rule(
                "has(self.keys) == has(oldSelf.keys)",
                "keys can't be added or removed afterwards: what was sealed before would be lost. "
                "Without keys the vault uses those in the Secret <vault>-keys",
            )
        )
    )

    image: str | None = Field(
        default=None,
        min_length=1,
        max_length=512,
        description="Image of the services; the one that comes with the operator without it.",
    )
    image_pull_secrets: list[SecretReference] = Field(
        default_factory=list,
        max_length=8,
        json_schema_extra=keyed_by("name"),
        description="Secrets for registries that ask for them.",
    )
    paused: bool = Field(
        default=False,
        description="Whether the operator leaves the vault as it is. Its processes go on.",
    )
    timezone: Timezone = Field(
        default="UTC",
        description="The clinic's time zone, for example Asia/Kolkata; it says what today is.",
    )
    date_order: Literal["day-first", "month-first"] = Field(
        default="day-first",
        description="Which number is the day where patients write a date like 2/5/2019.",
    )
    support_contact: str | None = Field(
        default=None, max_length=200, description="How to reach a person, as HELP tells patients."
    )
    whatsapp: WhatsApp = Field(description="The WhatsApp number of the vault.")
    quotas: Quotas = Field(
        default=Quotas(), description="What one patient is granted; more than that waits."
    )
    keys: Keys | None = Field(
        default=None,
        description="Keys that seal what patients said and sent. Without them the operator makes "
        "the Secret <vault>-keys once, and never changes or deletes it.",
    )
    api: Api = Field(default=Api(), description="The API, which takes webhooks.")
    workers: Workers = Field(default=Workers(), description="The workers.")
    scaling: Scaling = Field(
        default=Scaling(), description="How processes follow the work that waits for them."
    )
    database: Database = Field(description="PostgreSQL, which holds the truth.")
    broker: Broker = Field(description="RabbitMQ, which wakes the workers.")
    cache: Cache | None = Field(
        default=None,
        description="Valkey or Redis, which shares the rates of sending. Without it each outbound "
        "worker has the number's full rate to itself.",
    )
    storage: Storage = Field(description="The S3 store for sealed files.")
    scanner: Scanner = Field(description="ClamAV. No file is filed without its word.")
    service_account_annotations: dict[str, str] = Field(
        default_factory=dict,
        description="Annotations of the pods' ServiceAccount, by which clouds give an identity, "
        "for example eks.amazonaws.com/role-arn.",
    )
    entrance: Entrance | None = Field(
        default=None,
        description="The way in from the internet. Without it there is a Service only.",
    )
    topology: Topology = Field(default=Topology(), description="Where pods may run.")
    monitoring: Monitoring = Field(default=Monitoring(), description="Metrics for Prometheus.")


class Metadata(Shape):
    """The object's metadata, as far as the operator needs them."""

    name: str
    namespace: str
    uid: str
    generation: int = 1


class MedicalVault(Shape):
    """A vault for patients' medical reports that lives in WhatsApp."""

    metadata: Metadata
    spec: VaultSpec
    status: VaultStatus = Field(default_factory=VaultStatus)

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> "MedicalVault":
        """Read an object of the API server; raises pydantic's ValidationError."""
        return cls.model_validate(body)

    @property
    def name(self) -> str:
        """Its name."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return self.metadata.namespace
