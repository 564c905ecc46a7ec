"""The kinds of objects that the operator knows, and where the API has them."""

from dataclasses import dataclass

from medvault_operator.world.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object; `group` is empty for Kubernetes' core."""

    group: str
    version: str
    name: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """Return what stands in an object's `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def api(self) -> str:
        """Return group and name, as `world.OPTIONAL_APIS` has them."""
        return f"{self.group}/{self.name}"


VAULT = Kind("medvault.dev", "v1alpha1", "MedicalVault", "medicalvaults")
LEASE = Kind("coordination.k8s.io", "v1", "Lease", "leases")
NAMESPACE = Kind("", "v1", "Namespace", "namespaces", namespaced=False)
NODE = Kind("", "v1", "Node", "nodes", namespaced=False)
STORAGE_CLASS = Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", namespaced=False)
POD = Kind("", "v1", "Pod", "pods")
SECRET = Kind("", "v1", "Secret", "secrets")

API_SERVICE = Kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", namespaced=False)

SCALED_OBJECT = Kind("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects")
SERVICE_MONITOR = Kind("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors")
HTTP_ROUTE = Kind("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes")
CERTIFICATE = Kind("cert-manager.io", "v1", "Certificate", "certificates")

WATCHED = (
    Kind("", "v1", "ServiceAccount", "serviceaccounts"),
    Kind("", "v1", "ConfigMap", "configmaps"),
    Kind("", "v1", "Service", "services"),
    Kind("apps", "v1", "Deployment", "deployments"),
    Kind("apps", "v1", "StatefulSet", "statefulsets"),
    Kind("batch", "v1", "Job", "jobs"),
    Kind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    Kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    Kind("networking.k8s.io", "v1", "Ingress", "ingresses"),
    Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
)
"""Kinds of children that every cluster serves: their events tell of drift at once.

Secrets are not among them: the operator never changes one, and neither lists nor watches them.
"""
OPTIONAL = (SERVICE_MONITOR, HTTP_ROUTE, SCALED_OBJECT)
"""Kinds of children that a cluster may not serve: a resync finds their drift."""

_WRITTEN = (*WATCHED, *OPTIONAL, SECRET, VAULT, LEASE)
_KNOWN = {(kind.api_version, kind.name): kind for kind in _WRITTEN}


def kind_of(manifest: Manifest) -> Kind:
    """Return an object's kind; a KeyError tells of one that the operator doesn't handle."""
    return _KNOWN[manifest["apiVersion"], manifest["kind"]]
