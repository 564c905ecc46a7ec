"""What all vaults of a cluster have in common."""

from dataclasses import dataclass

SERVICE_MONITOR = "monitoring.coreos.com/ServiceMonitor"
HTTP_ROUTE = "gateway.networking.k8s.io/HTTPRoute"
CERTIFICATE = "cert-manager.io/Certificate"
OPTIONAL_APIS = (SERVICE_MONITOR, HTTP_ROUTE, CERTIFICATE)
"""Kinds that a cluster may serve or not."""


@dataclass(frozen=True, slots=True)
class StorageClass:
    """A StorageClass of the cluster."""

    name: str
    default: bool = False
