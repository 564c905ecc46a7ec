"""One MedicalVault in a cluster: the spec that is asked for, the status that the operator tells."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from support.cluster.objects import LOOK, Manifest, get, listed
from support.kubernetes.kubectl import Kubectl
from support.servers.waiting import wait_until

KIND = "medicalvault"
CHILDREN = (
    "serviceaccounts,services,configmaps,statefulsets,deployments,jobs,poddisruptionbudgets,"
    "networkpolicies,ingresses"
)
Condition = dict[str, Any]


@dataclass(frozen=True)
class VaultObject:
    """The object by its name, in the namespace of `kubectl`."""

    kubectl: Kubectl
    name: str

    def apply(self, spec: Manifest) -> None:
        """Have it be so, as an administrator does; RefusedError has what is complained of."""
        manifest = {
            "apiVersion": "medvault.dev/v1alpha1",
            "kind": "MedicalVault",
            "metadata": {"name": self.name, "namespace": self.kubectl.namespace},
            "spec": spec,
        }
        self.kubectl.run("apply", "--server-side", "-f", "-", given=json.dumps(manifest))

    def patch(self, spec: Manifest) -> None:
        """Change some of its spec."""
        change = json.dumps({"spec": spec})
        self.kubectl.run("patch", KIND, self.name, "--type", "merge", "-p", change)

    def delete(self, seconds: float = 120) -> None:
        """Delete it, and wait until it is gone."""
        self.kubectl.run(
            "delete", KIND, self.name, "--ignore-not-found", f"--timeout={seconds}s",
            seconds=seconds + 10,
        )  # fmt: skip

    def body(self) -> Manifest:
        """The object as it is stored; it must exist."""
        found = get(self.kubectl, KIND, self.name)
        assert found is not None, f"there is no vault {self.name}"
        return found

    def conditions(self) -> dict[str, Condition]:
        """The conditions that the operator states of it, by type."""
        said = self.body().get("status", {}).get("conditions", ())
        return {condition["type"]: condition for condition in said}

    def says(self, about: str, status: str, reason: str = "") -> bool:
        """Whether a condition is so."""
        found = self.conditions().get(about, {})
        return found.get("status") == status and reason in ("", found.get("reason"))

    def wait(self, about: str, status: str, reason: str = "", *, seconds: float) -> Condition:
        """Return a condition once it is so; AssertionError has all that is said instead."""
        what = f"{about}={status} {reason}".strip()
        self.until(lambda: self.says(about, status, reason), seconds=seconds, what=what)
        return self.conditions()[about]

    def until(self, fits: Callable[[], object], *, seconds: float, what: str) -> None:
        """Return once something fits; AssertionError has all that the vault says instead."""
        try:
            wait_until(fits, seconds=seconds, what=what, every=LOOK)
        except TimeoutError as late:
            raise AssertionError(f"{late}; the vault says:\n{self.told()}") from None

    def settled(self) -> bool:
        """Whether what was asked for last is in place, and all of it runs."""
        body = self.body()
        seen = body.get("status", {}).get("observedGeneration")
        is_seen = seen == body["metadata"]["generation"]
        return is_seen and self.says("Available", "True") and self.says("Progressing", "False")

    def told(self) -> str:
        """All conditions, a line each."""
        return "\n".join(
            f"{one['type']}={one['status']} {one['reason']}: {one['message']}"
            for one in self.conditions().values()
        )

    def children(self, kinds: str = CHILDREN) -> list[Manifest]:
        """Everything of some kinds that it owns."""
        uid = self.body()["metadata"]["uid"]
        found = listed(self.kubectl, kinds, f"app.kubernetes.io/instance={self.name}")
        return [one for one in found if _owner(one) == uid]


def _owner(child: Manifest) -> str:
    owners = child["metadata"].get("ownerReferences", ())
    return next((owner["uid"] for owner in owners if owner.get("controller")), "")
