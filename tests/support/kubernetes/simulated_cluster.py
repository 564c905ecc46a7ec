"""A cluster in memory with one vault, over which the operator's real decisions run."""

from base64 import b64encode
from copy import deepcopy
from itertools import count
from typing import Any

from medvault_operator.kube.kinds import SERVICE_MONITOR, STORAGE_CLASS
from medvault_operator.observability.metrics import Outcome
from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.observation.observer import Observer
from medvault_operator.reconcile.actor import Actor
from medvault_operator.reconcile.reconciler import Reconciler
from medvault_operator.vault.installation import Installation
from medvault_operator.vault.name import VaultName
from medvault_operator.world.manifest import Manifest
from support.kubernetes.memory import MemoryApi
from support.medical_vaults import MANAGED, body

CLINIC = VaultName("clinics", "clinic")
KEY = "MedicalVault", "clinics", "clinic"
IMAGE = "ghcr.io/medvault/services:0.1.0"
TOKEN = "EAAJ-a-token-that-nobody-may-see"


class SimulatedCluster:
    """A cluster with one vault, whose pods and Jobs do what they shall when `go_on` is called."""

    def __init__(self, **spec: Any) -> None:
        self.api = MemoryApi(SERVICE_MONITOR)
        self.image = IMAGE
        self.report = '{"logins": []}'
        self.vault({**MANAGED, **spec})
        self.secret("whatsapp", token=TOKEN, **{"app-secrets": "a", "verify-token": "b"})
        self.api.objects[STORAGE_CLASS.name, "", "standard"] = {
            "metadata": {
                "name": "standard",
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            }
        }
        self.start()

    def start(self) -> None:
        """Start the operator, anew if it ran before."""
        numbers, checks = count(1), IdentityChecks()
        self.reconciler = Reconciler(
            self.api,
            Observer(self.api, checks, lambda: float(next(numbers) * 100)),
            Actor(checks),
            Installation(self.image),
            random_bytes=lambda size: bytes([next(numbers) % 256]) * size,
        )

    def vault(self, spec: dict[str, Any]) -> None:
        made = body(spec)
        made["metadata"]["namespace"] = "clinics"
        self.api.create(made)

    def secret(self, name: str, **values: str) -> None:
        metadata = {"name": name, "namespace": "clinics"}
        kind = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
        self.api.create({**kind, "stringData": values})

    def complete(self, name: str, **values: str) -> None:
        """Add keys to a Secret, as its administrator does."""
        changed = deepcopy(self.api.objects["Secret", "clinics", name])
        changed["data"] |= {key: b64encode(one.encode()).decode() for key, one in values.items()}
        self.api.replace(changed)

    def look(self) -> Outcome:
        """Reconcile once."""
        return self.reconciler.reconcile(CLINIC)

    def go_on(self) -> None:
        """Let Jobs be complete and pods be ready."""
        for (kind, _, _), found in list(self.api.objects.items()):
            if kind == "Job":
                conditions = [{"type": "Complete", "status": "True"}]
                self.state(found, {"succeeded": 1, "conditions": conditions})
                self.leave(found)
            elif kind in ("Deployment", "StatefulSet"):
                counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
                generation = {"observedGeneration": found["metadata"]["generation"]}
                self.state(found, generation | dict.fromkeys(counts, found["spec"]["replicas"]))

    def leave(self, job: Manifest) -> None:
        """Let a Job's pod leave its last word, `report`, as the images of this release do."""
        name, namespace = job["metadata"]["name"], job["metadata"]["namespace"]
        labels = {**job["metadata"]["labels"], "batch.kubernetes.io/job-name": name}
        ended = {"exitCode": 0, "message": self.report}
        self.api.objects["Pod", namespace, name] = {
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "status": {"containerStatuses": [{"state": {"terminated": ended}}]},
        }

    def inbound(self, address: str) -> None:
        """Let a pod of inbound be ready."""
        labels = {
            "app.kubernetes.io/managed-by": "medvault-operator",
            "app.kubernetes.io/instance": "clinic",
            "app.kubernetes.io/component": "inbound",
        }
        metadata = {"name": "clinic-inbound-1", "namespace": "clinics", "labels": labels}
        status = {"podIP": address, "conditions": [{"type": "Ready", "status": "True"}]}
        made = {"kind": "Pod", "metadata": metadata, "status": status}
        self.api.objects["Pod", "clinics", "clinic-inbound-1"] = made

    def state(self, found: Manifest, status: dict[str, Any]) -> None:
        named = {name: found[name] for name in ("apiVersion", "kind")}
        metadata = {name: found["metadata"][name] for name in ("name", "namespace")}
        self.api.apply({**named, "metadata": metadata, "status": status}, status=True)

    def settle(self) -> None:
        for _ in range(8):
            if self.look() is Outcome.SETTLED:
                return
            self.go_on()
        raise AssertionError(self.status)

    @property
    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.objects[KEY].get("status", {})
        return found

    def condition(self, kind: str) -> tuple[str, str]:
        found = next(one for one in self.status["conditions"] if one["type"] == kind)
        return found["status"], found["reason"]

    def edit(self, **spec: Any) -> None:
        changed = deepcopy(self.api.objects[KEY])
        changed["spec"] |= spec
        self.api.replace(changed)

    def kinds(self) -> set[str]:
        return {kind for kind, _, _ in self.api.objects}
