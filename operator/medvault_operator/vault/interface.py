"""The contract of the services' image; a test holds it equal to the services' own code."""

from dataclasses import dataclass

from medvault_operator.vault.components import SERVICES, Component

PROGRAM = "medvault"
PREFIX = "MEDVAULT_"
API_PORT = 8000
PROBE_PORT = 9000
LIVENESS = "/health"
READINESS = "/ready"
METRICS = "/metrics"
WAITING = "/waiting"
"""The page of inbound's probe port that tells the depths of queues."""
NOTES = "notes"
IDENTITY_CHECK = "identity check"
"""Keys of what inbound's readiness says."""
WEBHOOK = "/webhook/whatsapp"
TERMINATION_LOG = "/dev/termination-log"
GRACE_SECONDS = 30
MEDIA_GRACE_SECONDS = 1020
"""The longest file: its download, its examination, its scan and its way into the store. Few take
more than seconds, and a pod ends as soon as nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Process:
    """A command of the image, the settings it is given, and how long it may take to end.

    On `port` it answers the kubelet, and what it is there for.
    """

    component: Component
    arguments: tuple[str, ...]
    settings: tuple[str, ...]
    port: int = PROBE_PORT
    grace: int = GRACE_SECONDS


_SERVICE = (
    "database_url",
    "broker_url",
    "keys",
    "index_key",
    "whatsapp_phone_number_id",
    "termination_log",
)
_NUMBERS = "whatsapp_earlier_phone_number_ids"
_STORE = ("s3_endpoint_url", "s3_bucket", "s3_region", "s3_access_key", "s3_secret_key", "s3_ca")
_CHANNEL = ("whatsapp_token", "whatsapp_base_url")
_OWNER = ("database_owner_url", "database_retire_superuser")
_QUOTAS = (
    "quota_messages_per_minute",
    "quota_open_replies",
    "quota_files_per_day",
    "quota_megabytes_per_day",
    "quota_cpu_seconds_per_hour",
)
_LOGINS = tuple(
    f"{server}_{process}_url" for server in ("database", "broker") for process in SERVICES
)
_MIGRATION = (*_OWNER, "database_url", "broker_url", *_LOGINS, *_STORE, "s3_media_access_key")

API = Process(
    Component.API,
    ("api",),
    (
        *_SERVICE,
        "intake_key",
        _NUMBERS,
        "whatsapp_app_secrets",
        "whatsapp_verify_token",
        "port",
        "api_probe_port",
    ),
    port=API_PORT,
)
INBOUND = Process(
    Component.INBOUND,
    ("worker", "inbound"),
    (
        *_SERVICE,
        _NUMBERS,
        *_QUOTAS[:2],
        "cache_url",
        "timezone",
        "date_order",
        "support_contact",
        "probe_port",
    ),
)
MEDIA = Process(
    Component.MEDIA,
    ("worker", "media"),
    (
        *_SERVICE,
        *_STORE,
        *_CHANNEL,
        *_QUOTAS[2:],
        "database_replica_url",
        "cache_url",
        "clamd_address",
        "media_threads",
        "probe_port",
    ),
    grace=MEDIA_GRACE_SECONDS,
)
OUTBOUND = Process(
    Component.OUTBOUND,
    ("worker", "outbound"),
    (*_SERVICE, *_CHANNEL, "cache_url", "whatsapp_messages_per_second", "probe_port"),
)
MIGRATE = Process(Component.MIGRATE, ("migrate",), (*_MIGRATION, "termination_log"))
CONTRACT = Process(Component.CONTRACT, ("migrate", "--contract"), (*_OWNER, "termination_log"))
RUNNING = (API, INBOUND, MEDIA, OUTBOUND)
