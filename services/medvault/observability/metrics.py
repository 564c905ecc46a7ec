"""All metrics of medvault. Labels come from closed sets, and every series exists from the start.

A mapping gives the series of a label's value ready to be counted, so that counting costs no
look-up of labels: `webhook_requests["200"].inc()`. An unknown value is a KeyError.
"""

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any, ClassVar, TypeVar
from weakref import WeakSet

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from medvault.domain.dead_letters import Kind
from medvault.domain.identity import Doubt
from medvault.domain.media import ACTING, Verdict
from medvault.domain.outbound import STATUS_STATES, Reaction
from medvault.domain.quotas import Held
from medvault.domain.updates import UpdateKind

M = TypeVar("M", Counter, Gauge, Histogram)

REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)

DEPENDENCIES = ("database", "broker", "cache", "store", "scanner", "channel")
QUEUES = ("intake", "inbound", "media", "outbound")
NOTICES = (
    "account_alerts", "account_review_update", "account_update", "automatic_events",
    "business_capability_update", "calls", "flows", "group_lifecycle_update",
    "group_participants_update", "group_settings_update", "group_status_update", "history",
    "message_echoes", "message_template_components_update", "message_template_quality_update",
    "message_template_status_update", "partner_solutions", "payment_configuration_update",
    "phone_number_name_update", "phone_number_quality_update", "security", "smb_app_state_sync",
    "smb_message_echoes", "template_category_update", "user_preferences",
)  # fmt: skip
"""Meta's webhook fields beside `messages`."""
_FAST = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Tally:
    """Counts for a counter at a fraction of its cost, from one thread; a scrape sees all of it."""

    _all: ClassVar[WeakSet["Tally"]] = WeakSet()

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._counted = 0
        self._passed_on = 0
        self._passing = Lock()
        self._all.add(self)

    def count(self) -> None:
        """Count one more."""
        self._counted += 1

    def settle(self) -> None:
        """Pass on what was counted since the last time, from any thread."""
        with self._passing:
            counted = self._counted
            self._counter.inc(counted - self._passed_on)
            self._passed_on = counted

    @classmethod
    def settle_all(cls) -> None:
        """Pass on what all of them counted."""
        for tally in list(cls._all):
            tally.settle()


def render_metrics(accept: str | None, registry: CollectorRegistry = REGISTRY) -> tuple[bytes, str]:
    """Return a scrape's body and content type, as OpenMetrics if the Accept header asks for it."""
    Tally.settle_all()
    encode, content_type = choose_encoder(accept or "")
    return encode(registry), content_type


def _one(kind: type[M], name: str, meaning: str, **options: Any) -> M:
    return kind(f"medvault_{name}", meaning, registry=REGISTRY, **options)


def _each(
    kind: type[M], name: str, meaning: str, label: str, values: Iterable[str], **options: Any
) -> Mapping[str, M]:
    metric = _one(kind, name, meaning, labelnames=[label], **options)
    return {str(value): metric.labels(str(value)) for value in values}


# ---- the webhook ---------------------------------------------------------------------------

webhook_requests = _each(
    Counter, "webhook_requests", "Webhooks by the HTTP status answered.",
    "answer", ("200", "401", "413", "503"),
)  # fmt: skip
webhook_updates = _each(
    Counter, "webhook_updates", "Updates taken in.", "kind", UpdateKind,
)  # fmt: skip
refused_updates = _each(
    Counter, "refused_updates", "Signed updates of other numbers, for another vault.",
    "reason", ("another_number", "earlier_number"),
)  # fmt: skip
notices = _each(
    Counter, "notices", "Webhooks of Meta about the account, by field: counted and not kept.",
    "field", (*NOTICES, "errors", "other"),
)  # fmt: skip
rejected_requests = _each(
    Counter, "rejected_requests", "Requests turned away.",
    "reason",
    ("signature", "too_large", "malformed", "late", "crowded", "verify_token", "unavailable"),
)  # fmt: skip
inbox_commit_seconds = _one(
    Histogram, "inbox_commit_seconds", "Time of a group commit into the inbox.", buckets=_FAST
)
intake_spilled = _one(
    Counter, "intake_spilled", "Webhooks that the broker took in for the database."
)

# ---- conversations -------------------------------------------------------------------------

inbox_lag_seconds = _one(Gauge, "inbox_lag_seconds", "Age of the oldest pending update.")
messages_handled = _each(
    Counter, "messages_handled", "Inbox rows that reached their end.",
    "outcome", ("done", "dead"),
)  # fmt: skip
message_attempts_failed = _one(
    Counter, "message_attempts_failed", "Attempts at an inbox row that raised."
)
foreign_updates = _one(
    Counter, "foreign_updates", "Inbox rows that lay in a conversation that they do not belong to."
)
dead_letters = _each(
    Gauge, "dead_letters", "Dead letters that nobody has dealt with.", "kind", Kind
)
dead_letter_age_seconds = _each(
    Gauge, "dead_letter_age_seconds", "Age of the oldest of them.", "kind", Kind
)
reports_filed = _one(Counter, "reports_filed", "Reports that entered a vault.")
report_requests = _each(
    Counter, "report_requests", "Reports that patients asked for.",
    "outcome", ("found", "refused"),
)  # fmt: skip

# ---- identities ----------------------------------------------------------------------------

identity_keys = _each(
    Counter, "identity_keys", "Patients' messages by whether WhatsApp told the identity's key.",
    "outcome", ("told", "untold"),
)  # fmt: skip
vaults_locked = _each(
    Counter, "vaults_locked", "Vaults locked because somebody else may write.", "reason", Doubt
)
vaults_unlocked = _one(Counter, "vaults_unlocked", "Vaults opened again, by PIN or by the clinic.")

vaults_left_behind = _one(
    Counter,
    "vaults_left_behind",
    "Vaults with reports, known by a phone number alone, whose number came with a user id.",
)

# ---- files ---------------------------------------------------------------------------------

media_checked = _each(Counter, "media_checked", "Files judged.", "verdict", Verdict)
copies_made = _each(
    Counter, "copies_made", "Copies of PDFs that are kept without what acts, by what that was.",
    "removed", sorted(ACTING),
)  # fmt: skip
media_seconds = _each(
    Histogram, "media_seconds", "Time that a file takes by step.",
    "step", ("fetch", "examine", "file", "upload"), buckets=_SLOW,
)  # fmt: skip

held_back = _each(
    Counter, "held_back", "Times that work waited, as a patient had used up a quota.",
    "quota", Held,
)  # fmt: skip

replies_withdrawn = _one(
    Counter, "replies_withdrawn", "Unsent replies that an equal one after them replaced."
)

# ---- delivery ------------------------------------------------------------------------------

deliveries = _each(
    Counter, "deliveries", "Sends by what the channel's answer asked for.",
    "outcome", ("accepted", *Reaction),
)  # fmt: skip
ambiguous_sends = _each(
    Counter, "ambiguous_sends", "Sends of unknown outcome: settled by a status, or by decision.",
    "outcome", ("confirmed", "repeated", "given_up"),
)  # fmt: skip
unrecorded_outcomes = _one(
    Counter, "unrecorded_outcomes", "Sends whose outcome the database refused: in doubt from then."
)
delivery_seconds = _one(
    Histogram, "delivery_seconds", "Time of a send to the channel.", buckets=_SLOW
)
statuses = _each(Counter, "statuses", "Status webhooks applied.", "state", STATUS_STATES)
unmatched_statuses = _one(
    Counter, "unmatched_statuses", "Status webhooks of messages that nobody knows."
)

# ---- machinery -----------------------------------------------------------------------------

consuming = _one(Gauge, "consuming", "Whether a worker is given messages by the broker.")
wakeups = _each(Counter, "wakeups", "Wake-ups published.", "queue", QUEUES)
swept_rows = _each(
    Counter, "swept_rows", "Rows that a sweep found overdue and moved on.",
    "kind", ("inbox", "media", "filing", "timer", "audit"),
)  # fmt: skip
dependency_up = _each(
    Gauge, "dependency_up", "Whether the last check was answered.", "dependency", DEPENDENCIES
)
dependency_seconds = _each(
    Gauge, "dependency_seconds", "Time of the last check.", "dependency", DEPENDENCIES
)
dependency_failures = _each(
    Counter, "dependency_failures", "Calls that failed.", "dependency", DEPENDENCIES
)
breaker_open = _each(Gauge, "breaker_open", "Whether calls are spared.", "dependency", DEPENDENCIES)
