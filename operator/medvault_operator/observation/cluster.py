"""Reading facts of the whole cluster, for all vaults together."""

from collections.abc import Callable

from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import Refused
from medvault_operator.kube.kinds import API_SERVICE, CERTIFICATE, NODE, OPTIONAL, STORAGE_CLASS
from medvault_operator.world.cluster import Cluster, StorageClass
from medvault_operator.world.manifest import Manifest

FRESH_SECONDS = 10.0
"""The facts are read again after this."""
_EXTERNAL_METRICS = "v1beta1.external.metrics.k8s.io"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


class ClusterReader:
    """Remembers the facts for ten seconds of its clock; two threads at once may read them twice."""

    def __init__(self, api: Api, clock: Callable[[], float]) -> None:
        self._api = api
        self._clock = clock
        self._known: tuple[float, Cluster] | None = None

    def read(self) -> Cluster:
        """Return the facts; raises an `ApiError` if they can't be read."""
        now, known = self._clock(), self._known
        if known is None or now - known[0] > FRESH_SECONDS:
            self._known = known = now, self._read()
        return known[1]

    def _read(self) -> Cluster:
        kinds = (*OPTIONAL, CERTIFICATE)
        return Cluster(
            served=frozenset(kind.api for kind in kinds if self._api.serves(kind)),
            storage_classes=tuple(_class(found) for found in self._api.list(STORAGE_CLASS)),
            node_labels=tuple(node["metadata"].get("labels", {}) for node in self._api.list(NODE)),
            external_metrics=self._external_metrics(),
            version=self._api.version(),
        )

    def _external_metrics(self) -> str:
        """Read whose the API is; nobody's where the operator may not look."""
        try:
            return _service(self._api.get(API_SERVICE, "", _EXTERNAL_METRICS))
        except Refused:
            return ""


def _service(api_service: Manifest | None) -> str:
    """Return the Service behind an API that is another server's, as `namespace/name`."""
    found = (api_service or {}).get("spec", {}).get("service") or {}
    return f"{found['namespace']}/{found['name']}" if found else ""


def _class(found: Manifest) -> StorageClass:
    metadata = found["metadata"]
    default = metadata.get("annotations", {}).get(_DEFAULT_CLASS) == "true"
    return StorageClass(metadata["name"], default)
