"""All metrics of the operator. Labels come from closed sets; every series exists at the start."""

from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from medvault_operator.kube.kinds import OPTIONAL, WATCHED

REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)


class Outcome(StrEnum):
    """The end of a reconcile."""

    SETTLED = "settled"
    PROGRESSING = "progressing"
    PAUSED = "paused"
    GONE = "gone"
    REFUSED = "refused"
    AWAY = "away"
    ERROR = "error"


_reconcile_seconds = Histogram(
    "medvault_operator_reconcile_seconds",
    "Time of a reconcile by what became of it.",
    labelnames=["outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
reconcile_seconds = {outcome: _reconcile_seconds.labels(outcome) for outcome in Outcome}
queue_depth = Gauge(
    "medvault_operator_queue_depth", "Vaults that are due and not looked at yet.", registry=REGISTRY
)
leader = Gauge(
    "medvault_operator_leader", "Whether this replica holds the Lease.", registry=REGISTRY
)
watching = Gauge(
    "medvault_operator_watching", "Whether events of the cluster come in.", registry=REGISTRY
)
unseen_namespaces = Gauge(
    "medvault_operator_unseen_namespaces",
    "Namespaces to be looked after that the operator may not look into.",
    registry=REGISTRY,
)
_drift_corrections = Counter(
    "medvault_operator_drift_corrections",
    "Objects that somebody else changed or deleted, and that were put back.",
    labelnames=["kind"],
    registry=REGISTRY,
)
drift_corrections = {
    kind.name: _drift_corrections.labels(kind.name) for kind in (*WATCHED, *OPTIONAL)
}
pruned = Counter(
    "medvault_operator_pruned", "Objects deleted that a vault no longer needs.", registry=REGISTRY
)
status_writes = Counter(
    "medvault_operator_status_writes", "Statuses of vaults written.", registry=REGISTRY
)


def render(accept: str | None) -> tuple[bytes, str]:
    """Return a scrape's body and content type, as OpenMetrics if the Accept header asks for it."""
    encode, content_type = choose_encoder(accept or "")
    return encode(REGISTRY), content_type
