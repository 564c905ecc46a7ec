"""A Lease as a record: its holder, its times, and its form in the API."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from medvault_operator.kube.kinds import LEASE
from medvault_operator.world.manifest import Manifest

SECONDS = 15
"""How long after its last renewal others wait before they take a Lease over."""
RELEASED_SECONDS = 1
"""The same for a released Lease, as client-go has it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The content of a coordination.k8s.io/v1 Lease; it is free if `holder` is empty.

    Times are the holder's wall clock: they are shown to people and compared by nobody.
    """

    namespace: str
    name: str
    version: str = ""
    holder: str = ""
    seconds: int = SECONDS
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0

    @classmethod
    def read(cls, manifest: Manifest) -> "Lease":
        """Take a Lease out of the API's object."""
        metadata, spec = manifest["metadata"], manifest.get("spec") or {}
        return cls(
            metadata["namespace"],
            metadata["name"],
            metadata["resourceVersion"],
            spec.get("holderIdentity") or "",
            int(spec.get("leaseDurationSeconds") or SECONDS),
            spec.get("acquireTime") or "",
            spec.get("renewTime") or "",
            int(spec.get("leaseTransitions") or 0),
        )

    def manifest(self) -> Manifest:
        """Return the API's object, with the version that it replaces if there is one."""
        metadata = {"name": self.name, "namespace": self.namespace}
        if self.version:
            metadata["resourceVersion"] = self.version
        spec: dict[str, Any] = {
            "holderIdentity": self.holder,
            "leaseDurationSeconds": self.seconds,
            "acquireTime": self.acquired,
            "renewTime": self.renewed,
            "leaseTransitions": self.transitions,
        }
        return {
            "apiVersion": LEASE.api_version,
            "kind": LEASE.name,
            "metadata": metadata,
            "spec": spec,
        }

    def held_by(self, holder: str, now: datetime) -> "Lease":
        """Return it as the holder's, renewed or taken over."""
        moment = _micro_time(now)
        if self.holder == holder:
            return replace(self, seconds=SECONDS, renewed=moment)
        return replace(
            self,
            holder=holder,
            seconds=SECONDS,
            acquired=moment,
            renewed=moment,
            transitions=self.transitions + 1 if self.version else 0,
        )

    def released(self, now: datetime) -> "Lease":
        """Return it as free, so that no other replica has to wait for it to run out."""
        return replace(self, holder="", seconds=RELEASED_SECONDS, renewed=_micro_time(now))


def _micro_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
