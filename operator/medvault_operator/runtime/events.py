"""Handlers of events: each names the vault that it is about, and asks for it.

There are `on.event` handlers only: kopf keeps no state in annotations for them and sets no
finalizer, so that vaults and namespaces can go while no operator runs.
"""

from typing import Any

import kopf

from medvault_operator.kube.kinds import VAULT, WATCHED, Kind
from medvault_operator.runtime.work_queue import WorkQueue
from medvault_operator.vault import labels
from medvault_operator.vault.name import VaultName


def registry(queue: WorkQueue) -> kopf.OperatorRegistry:
    """Return all handlers, which ask for vaults in a queue."""
    made = kopf.OperatorRegistry()
    kopf.on.login(registry=made)(kopf.login_via_client)

    @kopf.on.event(*_resource(VAULT), registry=made)
    async def vault_changed(namespace: str | None, name: str, **_: Any) -> None:
        queue.ask(VaultName(namespace or "", name))

    async def child_changed(namespace: str | None, meta: kopf.Meta, **_: Any) -> None:
        if name := vault_of(meta):
            queue.ask(VaultName(namespace or "", name))

    for kind in WATCHED:
        kopf.on.event(*_resource(kind), id=f"{kind.plural}-changed", registry=made)(child_changed)
    return made


def vault_of(meta: Any) -> str | None:
    """Return the name of the vault that an object belongs to: its owner, else by its label."""
    for owner in meta.get("ownerReferences", ()):
        if owner["kind"] == VAULT.name:
            return str(owner["name"])
    label = meta.get("labels", {}).get(labels.INSTANCE)
    return None if label is None else str(label)


def _resource(kind: Kind) -> tuple[str, str, str]:
    return kind.group, kind.version, kind.plural
