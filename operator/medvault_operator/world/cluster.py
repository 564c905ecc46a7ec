"""Facts of the cluster that all vaults share."""

from dataclasses import dataclass

SERVICE_MONITOR = "monitoring.coreos.com/ServiceMonitor"
HTTP_ROUTE = "gateway.networking.k8s.io/HTTPRoute"
CERTIFICATE = "cert-manager.io/Certificate"
SCALED_OBJECT = "keda.sh/ScaledObject"
OPTIONAL_APIS = (SERVICE_MONITOR, HTTP_ROUTE, CERTIFICATE, SCALED_OBJECT)
"""Kinds that a cluster may serve or not."""


@dataclass(frozen=True, slots=True)
class StorageClass:
    """A StorageClass of the cluster."""

    name: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster at one moment; `served` is a subset of `OPTIONAL_APIS`.

    `external_metrics` is the Service behind the API of external metrics, as `namespace/name`, empty
    where there is none. `version` is the API server's, as in (1, 34).
    """

    served: frozenset[str]
    storage_classes: tuple[StorageClass, ...]
    node_labels: tuple[dict[str, str], ...]
    external_metrics: str = ""
    version: tuple[int, int] = (0, 0)

    def zones(self, key: str) -> frozenset[str]:
        """Return the values that a label has on nodes."""
        return frozenset(node[key] for node in self.node_labels if key in node)
