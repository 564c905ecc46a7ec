"""A vault on a cluster, as an administrator looks at it."""

from collections.abc import Callable, Mapping
from typing import Any

from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import Conflict
from medvault_operator.kube.kinds import SECRET, VAULT, WATCHED, Kind
from medvault_operator.world.manifest import Manifest
from support.kubernetes.controllers import KINDS
from support.medical_vaults import MANAGED, body
from support.servers.waiting import wait_until

WITHIN = 30.0
"""Seconds in which the operator has to act or to say why not."""


class LiveVault:
    """One vault and what belongs to it."""

    def __init__(self, api: Api, namespace: str, name: str) -> None:
        self.api = api
        self.namespace = namespace
        self.name = name

    def apply(self, spec: Mapping[str, Any]) -> Manifest:
        """Apply a spec as an administrator, under the name of kubectl's own field manager."""
        wanted = body(dict(spec), self.name)
        wanted["metadata"]["namespace"] = self.namespace
        found = self.api.get(VAULT, self.namespace, self.name)
        if found is None:
            return self.api.create(wanted)
        return self.change(lambda vault: vault | {"spec": wanted["spec"]})

    def change(self, edit: Callable[[Manifest], Manifest]) -> Manifest:
        """Edit the vault as `kubectl edit` does, again if somebody was faster."""
        while True:
            try:
                return self.api.replace(edit(self.body()))
            except Conflict:
                continue

    def body(self) -> Manifest:
        """Return the vault as it is now."""
        found = self.api.get(VAULT, self.namespace, self.name)
        assert found is not None
        return found

    def secret(self, name: str, *keys: str) -> None:
        """Make a Secret with some value for each key."""
        self.api.create(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": name, "namespace": self.namespace},
                "stringData": {key: f"some {key}" for key in keys},
            }
        )

    def secrets(self) -> dict[str, Manifest]:
        """Return all Secrets by name."""
        found = self.api.list(SECRET, self.namespace)
        return {secret["metadata"]["name"]: secret for secret in found}

    def children(self) -> list[Manifest]:
        """Return all that the vault owns."""
        labels = f"app.kubernetes.io/instance={self.name}"
        return [child for kind in WATCHED for child in self.api.list(kind, self.namespace, labels)]

    def child(self, kind: str, name: str) -> Manifest | None:
        """Return one of them."""
        return self.api.get(kind_named(kind), self.namespace, f"{self.name}-{name}")

    def condition(self, kind: str) -> dict[str, Any]:
        """Return a condition as it is now; empty before there is one."""
        conditions = self.body().get("status", {}).get("conditions", ())
        return next((one for one in conditions if one["type"] == kind), {})

    def says(self, kind: str, status: str, reason: str = "") -> dict[str, Any]:
        """Wait until a condition says so, and return it."""

        def agrees() -> bool:
            found = self.condition(kind)
            return found.get("status") == status and reason in ("", found.get("reason"))

        what = f"{kind}={status} {reason} of {self.name}"
        try:
            wait_until(agrees, seconds=WITHIN, what=what, every=0.2)
        except TimeoutError as late:
            raise TimeoutError(f"{late}; it says {self.body().get('status')}") from None
        return self.condition(kind)

    def settled(self) -> bool:
        """Whether the newest spec is applied and there is nothing left to do."""
        vault = self.body()
        observed = vault.get("status", {}).get("observedGeneration")
        current = observed == vault["metadata"]["generation"]
        return current and self.condition("Progressing").get("status") == "False"


def kind_named(name: str) -> Kind:
    """Return a kind that vaults own."""
    return KINDS[name]


def spec_of(vault: LiveVault, **more: Any) -> dict[str, Any]:
    """Return the smallest spec, whose Secret for WhatsApp is the vault's own, with changes."""
    whatsapp = {**MANAGED["whatsapp"], "secretRef": {"name": f"{vault.name}-whatsapp"}}
    return {**MANAGED, "whatsapp": whatsapp, **more}
