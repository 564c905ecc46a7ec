"""The status that controllers and kubelets would tell, on an API server where nothing runs.

Jobs are complete at once, and everything else has all its replicas.
"""

import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import Refused
from medvault_operator.kube.kinds import WATCHED, Kind
from medvault_operator.world.manifest import Manifest

KINDS = {kind.name: kind for kind in WATCHED}


class Controllers:
    """Says so of all objects of a namespace, within a tenth of a second, until it is left."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api = api
        self._namespace = namespace
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="controllers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(0.1):
            for name in ("Deployment", "StatefulSet", "Job"):
                self._round(KINDS[name])

    def _round(self, kind: Kind) -> None:
        for found in self._api.list(kind, self._namespace):
            status = _complete(found) if kind.name == "Job" else _ready(found)
            if status.items() <= found.get("status", {}).items():
                continue
            named = {name: found[name] for name in ("apiVersion", "kind")}
            metadata = {name: found["metadata"][name] for name in ("name", "namespace", "uid")}
            try:
                self._api.apply({**named, "metadata": metadata, "status": status}, status=True)
            except Refused:  # it was deleted meanwhile
                continue


def _ready(found: Manifest) -> dict[str, Any]:
    wanted = found["spec"]["replicas"]
    counts = {} if wanted == 0 else dict.fromkeys(_COUNTS, wanted)
    return {"observedGeneration": found["metadata"]["generation"], **counts}


_COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")


def _complete(found: Manifest) -> dict[str, Any]:
    if found.get("status", {}).get("succeeded"):
        return {}
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    conditions = [
        {
            "type": name,
            "status": "True",
            "reason": "Completed",
            "message": "",
            "lastProbeTime": now,
            "lastTransitionTime": now,
        }
        for name in ("SuccessCriteriaMet", "Complete")
    ]
    return {
        "startTime": now,
        "completionTime": now,
        "succeeded": 1,
        "conditions": conditions,
    }
